"""What the package's own code imports: all of it must be there, and a first pass waits for most of it."""

import ast
from collections.abc import Iterable, Iterator, Mapping

from tools.packaging.contents import SITE_PACKAGES


def imports_of(tree: Mapping[str, bytes]) -> list[str]:
    """List each import that our modules make when they run, at the top or in a function, as a statement of its own."""
    own = (source for path, source in tree.items() if path.endswith(".py") and not path.startswith(SITE_PACKAGES))
    return sorted({statement for source in own for statement in _of(ast.parse(source))})


def _of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (f"import {alias.name}" for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (f"from {node.module} import {alias.name}" for alias in node.names)
    for child in _that_run(node):
        yield from _of(child)


def _that_run(node: ast.AST) -> Iterable[ast.AST]:
    """List what stands under a node, but for what only a type checker looks at."""
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return node.orelse
    return ast.iter_child_nodes(node)
