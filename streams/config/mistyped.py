"""Characters that look like those of YAML and are none: a Chinese keyboard, a word processor and tabs make them."""

import re

from ruamel.yaml.error import MarkedYAMLError

_QUOTED = re.compile(r"""\"[^"]*\"|'[^']*'|#.*""")
#: Character -> how it is called, and what YAML has in its place
_UNKNOWN = {
    "\t": ("a tab", "are blanks"),
    "\u3000": ("a wide blank", "are blanks"),
    "\u00a0": ("a blank that does not break", "are blanks"),
    "：": ("", "is `:` with a blank"), "，": ("", "is `,`"), "、": ("", "is `,`"),
    "“": ("", 'is `"`'), "”": ("", 'is `"`'), "‘": ("", "is `'`"), "’": ("", "is `'`"),
    "｛": ("", "is `{`"), "｝": ("", "is `}`"), "［": ("", "is `[`"), "］": ("", "is `]`"), "＃": ("", "is `#`"),
}  # fmt: skip


def _in_words(line: str, at: int) -> bool:
    """Whether a character stands between Chinese ones: there it belongs to the sentence."""
    around = line[max(at - 1, 0) : at], line[at + 1 : at + 2]
    return all(one.isalpha() and not one.isascii() for one in around)


def in_place_of(text: str, error: MarkedYAMLError) -> str:
    """YAML, and the first character near the place that YAML does not know though it looks as if."""
    mark = error.problem_mark or error.context_mark
    last = mark.line + 1 if mark else 0
    for number, line in enumerate(text.split("\n")[:last][-2:], start=max(last - 1, 1)):
        bare = _QUOTED.sub(lambda match: "." * len(match[0]), line)
        for column, character in enumerate(bare, start=1):
            if character in _UNKNOWN and not _in_words(bare, column - 1):
                name, right = _UNKNOWN[character]
                return f"YAML; line {number} has {name or repr(character)} in column {column}: {right} meant?"
    return "YAML"
