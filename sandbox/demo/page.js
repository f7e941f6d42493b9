// Draws each card of the page from the JSON beside it, and again when the viewer's theme changes.
"use strict";
{
  const theme = window.matchMedia("(prefers-color-scheme: dark)");
  const drawAll = () => {
    for (const post of document.querySelectorAll(".post")) {
      const card = JSON.parse(post.querySelector("script").textContent);
      Stage.draw(card, post.querySelector(".card"), theme.matches);
    }
  };
  theme.addEventListener("change", drawAll);
  drawAll();
}
