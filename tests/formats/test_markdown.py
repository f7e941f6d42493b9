"""Markdown for a ticket: drawn by a real renderer, what others wrote stays text."""

import re

import pytest
from markdown_it import MarkdownIt

from shared.formats.markdown import code, escaped, markdown
from shared.model import Severity
from tests.reports import a_finding, a_report

RENDERER = MarkdownIt("commonmark").enable("table").enable("strikethrough")

HOSTILE = [
    "[click](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "<script>alert(1)</script>",
    "<https://evil.example>",
    "*bold* _it_ ~~gone~~ `code` ``x",
    "# heading",
    "1. item",
    "12) item",
    "- item",
    "+ item",
    "> quote",
    "===",
    "---",
    "&lt;b&gt; &amp;",
    "a | b | c",
    "back\\slash \\[x](y)",
    "[ref]: https://evil.example",
    "line one\n\n# line two",
    "tail\\",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_is_one_paragraph_of_the_text_itself(text: str) -> None:
    tokens = RENDERER.parse(escaped(text, 500))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    assert "".join(child.content for child in children) == " ".join(text.split())


@pytest.mark.parametrize("text", [*HOSTILE, "`", "``", "a`b``c", " "])
def test_a_code_span_holds_any_text(text: str) -> None:
    (inline,) = [token for token in RENDERER.parse("x " + code(text, 500)) if token.type == "inline"]
    assert [child.type for child in inline.children or []] == ["text", "code_inline"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://evil.example/x", r"https\://evil\.example/x"),
        ("www.evil.example", r"www\.evil\.example"),
        ("mailto:x", r"mailto\:x"),
        ("ask @octocat", "ask @\N{WORD JOINER}octocat"),
        ("see #12", "see #\N{WORD JOINER}12"),
        ("due 08:00, at 2 % of it", "due 08:00, at 2 % of it"),
    ],
)
def test_nothing_links_or_mentions_by_itself(text: str, shown: str) -> None:
    assert escaped(text, 100) == shown


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_adds_no_block_to_the_report(text: str) -> None:
    def blocks(name: str) -> list[str]:
        finding = a_finding(name=name, title=name, detail=name)
        rendered = RENDERER.render(markdown(a_report(finding, notices=(name,))))
        return re.findall(r"<(h\d|p|ol|ul|li|blockquote|table|tr|td|a|img|pre|hr|script|strong)\b", rendered)

    assert blocks(text) == blocks("plain")


def test_the_report_reads_well() -> None:
    cause = a_finding(title="The role was taken away", name="Cause")
    late = a_finding(Severity.CRITICAL, name="Late", explained_by=(cause.fingerprint,))
    text = markdown(a_report(late, unread=True, notices=("An old profile.",)))
    assert text.startswith("# Dawnwatch at 2026-11-22T08:05:00Z\n\n**Unknown: could not read all of contoso ")
    assert "> Notice: An old profile.\n" in text
    assert "| app-registrations | unknown: not all was read | 2,500 | 3 | unknown how many | 2026-" in text
    assert "### CRITICAL: `access.role_missing` `Late`\n" in text
    assert "1. Open the workspace.\n2. Select Access control (IAM).\n\n<https://portal.azure.com/#blade/x>\n" in text
