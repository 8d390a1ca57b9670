"""A program's text without what changes nothing: remarks, docstrings, blank lines.

It is text and no syntax tree, because trees differ from one Python to the next, and records of both have to agree.
"""

import ast
import tokenize


def bare(source: str) -> str:
    r"""What is left of a module's text.

    >>> bare('''
    ... def half(x):
    ...     \"\"\"Half of it.\"\"\"
    ...
    ...     return x / 2  # of a number
    ... ''')
    'def half(x):\n    return x / 2'
    """
    lines = source.splitlines()
    for first, last in _docstrings(ast.parse(source)):
        lines[first - 1 : last] = [""] * (last - first + 1)
    for token in tokenize.generate_tokens(iter(source.splitlines(keepends=True)).__next__):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    return "\n".join(kept for line in lines if (kept := line.rstrip()))


def _docstrings(tree: ast.AST) -> list[tuple[int, int]]:
    """First and last line of each; a string that stands alone is one too, as those behind attributes."""
    return [
        (node.lineno, node.end_lineno or node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]
