// Draws a card with Microsoft's renderer, dressed as Teams dresses it: for the demo's page, the pictures and the tests.
"use strict";
const Stage = (() => {
  const light = {
    page: "#ffffff", text: "#242424", subtle: "#616161", line: "#e0e0e0",
    accent: "#4f52b2", good: "#0e700e", warning: "#835b00", attention: "#b10e1c",
    boxes: { default: "#ffffff", emphasis: "#f5f5f5", accent: "#e8ebfa", good: "#e7f2e7", warning: "#fdf6e3", attention: "#fdecee" },
  };
  const dark = {
    page: "#292929", text: "#ffffff", subtle: "#adadad", line: "#484848",
    accent: "#a6a7ff", good: "#9ad29a", warning: "#f2c661", attention: "#ff99a4",
    boxes: { default: "#292929", emphasis: "#333333", accent: "#2f2f4a", good: "#18391f", warning: "#43350f", attention: "#4a1d24" },
  };
  const colour = (value, subtle) => ({ default: value, subtle: subtle || value });
  const box = (theme, name) => ({
    backgroundColor: theme.boxes[name], borderColor: theme.line,
    foregroundColors: {
      default: colour(theme.text, theme.subtle), dark: colour(theme.text, theme.subtle), light: colour(theme.subtle),
      accent: colour(theme.accent), good: colour(theme.good), warning: colour(theme.warning), attention: colour(theme.attention),
    },
  });

  function hostConfig(theme) {
    return {
      fontFamily: "'Segoe UI', 'Liberation Sans', system-ui, sans-serif",
      supportsInteractivity: true,
      spacing: { small: 4, default: 8, medium: 12, large: 16, extraLarge: 24, padding: 14 },
      separator: { lineThickness: 1, lineColor: theme.line },
      fontSizes: { small: 12, default: 14, medium: 15, large: 19, extraLarge: 24 },
      fontWeights: { lighter: 300, default: 400, bolder: 600 },
      containerStyles: Object.fromEntries(Object.keys(theme.boxes).map((name) => [name, box(theme, name)])),
      factSet: { title: { color: "Default", isSubtle: true, weight: "Default", wrap: false, maxWidth: 110 },
                 value: { color: "Default", wrap: true }, spacing: 12 },
      actions: { maxActions: 6, spacing: "Medium", buttonSpacing: 8, actionsOrientation: "Horizontal", actionAlignment: "Left" },
    };
  }

  // What Teams makes of markdown in a TextBlock or a FactSet: links, images, emphasis, lists, headings, bare addresses.
  function markdown(text) {
    const escaped = text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
    const inline = escaped
      .replace(/!\[([^\]]*)\]\(([^)\s]+)\)/g, '<img alt="$1">')
      .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, '<a href="$2">$1</a>')
      .replace(/&lt;at&gt;(.*?)&lt;\/at&gt;/g, '<b class="mention">$1</b>')
      .replace(/(^|[\s(])((?:https?:\/\/|www\.)[^\s<)]+)/g, '$1<a href="$2">$2</a>')
      .replace(/\*\*(.+?)\*\*/g, "<b>$1</b>").replace(/__(.+?)__/g, "<b>$1</b>")
      .replace(/\*([^*\s][^*]*)\*/g, "<i>$1</i>").replace(/\b_([^_\s][^_]*)_\b/g, "<i>$1</i>")
      .replace(/~~(.+?)~~/g, "<s>$1</s>").replace(/`([^`]+)`/g, "<code>$1</code>");
    return inline
      .replace(/^#{1,6} (.*)$/gm, "<h1>$1</h1>")
      .replace(/^(?:[-*+]|\d+\.) (.*)$/gm, "<ul><li>$1</li></ul>");
  }

  function draw(card, place, inDark) {
    const { AdaptiveCard, HostConfig, SerializationContext, GlobalSettings } = window.AdaptiveCards;
    GlobalSettings.setTabIndexAtCardRoot = false;
    AdaptiveCard.onProcessMarkdown = (text, result) => {
      result.outputHtml = markdown(text);
      result.didProcess = true;
    };
    const theme = inDark ? dark : light;
    const drawn = new AdaptiveCard();
    const context = new SerializationContext();
    drawn.hostConfig = new HostConfig(hostConfig(theme));
    drawn.onExecuteAction = (action) => { if (action.url) window.open(action.url, "_blank", "noopener"); };
    drawn.parse(card, context);
    const faults = drawn.validateProperties().validationEvents.map((event) => event.message);
    place.replaceChildren(drawn.render());
    place.style.background = theme.page;
    place.classList.toggle("dark", Boolean(inDark));
    return { parseEvents: Array.from({ length: context.eventCount }, (_, i) => context.getEventAt(i).message), faults };
  }

  return { draw };
})();
