"""Measures of the code: ``python -m tests.house_measures [--root annotriage] [--against COMMIT]``.

Lines, functions and imports, for the whole and by room; with a commit, each figure of then before that of now.
"""

import argparse
import ast
import io
import subprocess
import tarfile
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

PARTED = "desktop"
"""The room that is also measured by the rooms in it."""

LONGEST_NAMED = 5
PUBLIC_UNDERSCORED = {"_asdict", "_fields", "_replace", "_make", "_exit", "_MEIPASS", "_getframe"}
"""Names that Python documents in spite of how they begin."""

When = Literal["loading", "lazy", "typing"]


class Import(NamedTuple):
    """What a module imports, and when: while it is loaded, inside a function, or for the type checker alone."""

    source: str
    target: str
    when: When


class Function(NamedTuple):
    """A function or method; nested ones count by themselves, too."""

    lines: int
    name: str


@dataclass
class Room:
    """The figures of some files."""

    files: list[int] = field(default_factory=list)
    code: int = 0
    docstrings: int = 0
    functions: list[Function] = field(default_factory=list)

    def add(self, other: "Room") -> None:
        """Count the files of another among these."""
        self.files += other.files
        self.code += other.code
        self.docstrings += other.docstrings
        self.functions += other.functions

    def row(self) -> list[int]:
        """Return the figures in the order of `COLUMNS`."""
        lengths = [each.lines for each in self.functions] or [0]
        high = int(np.percentile(lengths, 95, method="lower"))
        files = self.files or [0]
        return [
            *(len(self.files), sum(self.files), self.code, self.docstrings, int(median(files)), max(files)),
            *(int(median(lengths)), high, max(lengths)),
        ]


COLUMNS = ["files", "lines", "code", "docs", "median", "longest", "f.median", "f.95 %", "f.longest"]


@dataclass
class Measures:
    """The figures of a package, and of the tests beside it."""

    rooms: dict[str, Room]
    whole: Room
    imports: set[Import]
    against_layers: set[Import]
    translation_marks: int
    private_reaches: Counter[str]

    def lines(self) -> dict[str, str]:
        """Return what is told in a line each."""
        loading = [each for each in self.imports if each.when == "loading"]
        running = [each for each in self.imports if each.when != "typing"]
        inside = {each for each in map(_between_rooms, self.imports) if each is not None}
        return {
            "imports against the layers": f"{len(self.against_layers)}{_first(self.against_layers)}",
            "circles while loading": _told_circles(circles(loading)),
            "circles with lazy imports": _told_circles(circles(running)),
            "circles with TYPE_CHECKING": _told_circles(circles(self.imports)),
            f"circles of {PARTED} rooms": _told_circles(circles(inside)),
            "marks for translation": f"{self.translation_marks}",
            "private reaches of tests": f"{self.private_reaches.total()} lines in {len(self.private_reaches)} files",
        }


def docstring_lines(nodes: list[ast.AST]) -> set[int]:
    """Return the numbers of the lines of docstrings."""
    found: set[int] = set()
    for node in nodes:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and type(first.value.value) is str:
                found.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return found


def code_lines(text: str, nodes: list[ast.AST]) -> set[int]:
    """Return the numbers of all lines that are neither blank nor comment alone; docstrings are among them."""
    stripped = enumerate(map(str.strip, text.splitlines()), 1)
    found = {number for number, line in stripped if line and not line.startswith("#")}
    for node in nodes:
        if isinstance(node, ast.Constant | ast.JoinedStr):  # in a string of many lines nothing is a comment
            found.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return found


def functions(nodes: list[ast.AST], where: str) -> list[Function]:
    """Return all functions with their lines from ``def`` on, decorators left out."""
    found = (node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return [Function((node.end_lineno or 0) - node.lineno + 1, f"{where}:{node.name}") for node in found]


def room_of(text: str, nodes: list[ast.AST], where: str) -> Room:
    """Return the figures of one file."""
    told = docstring_lines(nodes)
    return Room([len(text.splitlines())], len(code_lines(text, nodes) - told), len(told), functions(nodes, where))


def imports(tree: ast.Module, module: str, modules: set[str], is_package: bool = False) -> Iterator[Import]:
    """Yield what a module imports of the package's own modules."""
    around = module if is_package else module.rpartition(".")[0]

    def walk(node: ast.AST, when: When) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            inner = when
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                inner = "lazy" if when == "loading" else when
            elif isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
                for each in child.body:
                    yield from walk(ast.Module([each], []), "typing")
                for each in child.orelse:
                    yield from walk(ast.Module([each], []), when)
                continue
            elif isinstance(child, ast.Import):
                yield from (Import(module, each.name, when) for each in child.names)
            elif isinstance(child, ast.ImportFrom):
                base = child.module or ""
                if child.level:
                    above = around.split(".")[: len(around.split(".")) - child.level + 1]
                    base = ".".join([*above, *filter(None, [child.module])])
                for each in child.names:
                    longer = f"{base}.{each.name}"
                    yield Import(module, longer if longer in modules else base, when)
            yield from walk(child, inner)

    yield from (each for each in walk(tree, "loading") if each.target in modules and each.target != module)


def circles(imports: set[Import] | list[Import]) -> list[list[str]]:
    """Return the sets of modules each of which leads to all others by imports, the largest first."""
    names = sorted({each.source for each in imports} | {each.target for each in imports})
    if not names:
        return []
    number = {name: place for place, name in enumerate(names)}
    ends = [(number[each.source], number[each.target]) for each in imports]
    rows, columns = np.array(ends).T
    graph = coo_array((np.ones(len(ends)), (rows, columns)), shape=(len(names), len(names)))
    _, labels = connected_components(graph, directed=True, connection="strong")
    groups: dict[int, list[str]] = defaultdict(list)
    for name, label in zip(names, labels, strict=True):
        groups[label].append(name)
    return sorted((group for group in groups.values() if len(group) > 1), key=len, reverse=True)


def layer_contracts(pyproject: Path) -> list[dict[str, Any]]:
    """Return the contracts of import-linter that say which way imports point."""
    told = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("tool", {}).get("importlinter", {})
    return [each for each in told.get("contracts", []) if each["type"] == "layers"]


def ignored_imports(contracts: list[dict[str, Any]]) -> set[tuple[str, ...]]:
    """Return the imports that the contracts let pass, as the front door of the package, which opens when asked for."""
    return {tuple(each.split(" -> ")) for contract in contracts for each in contract.get("ignore_imports", [])}


def against_layers(imports: set[Import], contracts: list[dict[str, Any]]) -> set[Import]:
    """Return the imports that run up, or sideways between independent layers."""
    found = set()
    for contract in contracts:
        for container in contract.get("containers", [""]):
            places = _places(contract["layers"], container)
            for each in imports:
                below, above = _place(each.source, places), _place(each.target, places)
                if below is None or above is None:
                    continue
                sideways = below[0] == above[0] and below[1] and below[2] != above[2]
                if below[0] > above[0] or sideways:
                    found.add(each)
    return found


def _places(layers: list[str], container: str) -> dict[str, tuple[int, bool, str]]:
    """Return the module of each layer with its row, counted from above, and whether its neighbours are barred to it."""
    places = {}
    for row, layer in enumerate(layers):
        for part in layer.replace(":", "|").split("|"):
            name = ".".join(filter(None, [container, part.strip(" ()")]))
            places[name] = (row, "|" in layer, name)
    return places


def _place(module: str, places: dict[str, tuple[int, bool, str]]) -> tuple[int, bool, str] | None:
    while module and module not in places:
        module = module.rpartition(".")[0]
    return places.get(module)


def private_reaches(text: str) -> int:
    """Count the lines that reach into private attributes of something other than themselves."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        name = None
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") not in ("self", "cls"):
            name = node.attr
        elif isinstance(node, ast.Call) and _called(node) in ("setattr", "getattr", "delattr"):
            named = [each.value for each in node.args[:2] if isinstance(each, ast.Constant)]
            name = str(named[0]).rpartition(".")[2] if named else None
        if name and name.startswith("_") and not name.startswith("__") and name not in PUBLIC_UNDERSCORED:
            found.add(node.lineno)
    return len(found)


def _called(call: ast.Call) -> str:
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))


def measure(root: Path, pyproject: Path, tests: Path) -> Measures:
    """Measure a package."""
    rooms: dict[str, Room] = defaultdict(Room)
    whole, marks = Room(), 0
    paths = sorted(root.rglob("*.py"))
    modules = {_module(path, root): path for path in paths}
    found: set[Import] = set()
    for module, path in modules.items():
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        nodes = list(ast.walk(tree))
        inside = path.relative_to(root)
        one = room_of(text, nodes, inside.as_posix())
        for room in [whole, *(rooms[name] for name in _rooms(inside.parts))]:
            room.add(one)
        found.update(imports(tree, module, set(modules), path.name == "__init__.py"))
        marks += sum(isinstance(node, ast.Call) and _called(node) in ("tr", "_tr") for node in nodes)
    reaches = {each: private_reaches(each.read_text(encoding="utf-8")) for each in tests.rglob("*.py")}
    counted = Counter({each.relative_to(tests).as_posix(): count for each, count in reaches.items() if count})
    contracts = layer_contracts(pyproject) if pyproject.is_file() else []
    found = {each for each in found if (each.source, each.target) not in ignored_imports(contracts)}
    return Measures(dict(sorted(rooms.items())), whole, found, against_layers(found, contracts), marks, counted)


def _module(path: Path, root: Path) -> str:
    return ".".join([root.name, *path.relative_to(root).with_suffix("").parts]).removesuffix(".__init__")


def _rooms(parts: tuple[str, ...]) -> list[str]:
    """Return the rooms of a file: that in which it is counted, and the room inside of it."""
    if len(parts) == 1:
        return ["(beside the rooms)"]
    if parts[0] != PARTED:
        return [parts[0]]
    return [PARTED, f"{PARTED}/{parts[1] if len(parts) > 2 else '(beside)'}"]


def _between_rooms(each: Import) -> Import | None:
    """Return an import as one between two rooms of the parted one."""
    source, target = each.source.split("."), each.target.split(".")
    if source[1:2] != [PARTED] or target[1:2] != [PARTED] or source[2:3] == target[2:3]:
        return None
    return Import(*(".".join(name[1:3]) for name in (source, target)), when="loading") if len(target) > 2 else None


def _told_circles(found: list[list[str]]) -> str:
    names = (", ".join([*map(_short, group[:4]), *(["…"] if len(group) > 4 else [])]) for group in found)
    return " | ".join([f"{len(found)}", *(f"{len(group)}: {told}" for group, told in zip(found, names, strict=True))])


def _short(name: str) -> str:
    return ".".join(name.split(".")[-2:])


def _first(found: set[Import]) -> str:
    told = ", ".join(f"{_short(each.source)} -> {_short(each.target)}" for each in sorted(found)[:4])
    return f" ({told})" if told else ""


def table(now: Measures, before: Measures | None = None) -> str:
    """Return all figures as text: of one tree, or of two in pairs, the earlier one first."""
    every = [each for each in (before, now) if each is not None]
    names = sorted({name for each in every for name in each.rooms})
    width = 7 * len(every) + 2
    lines = ["room".ljust(28) + "".join(name.rjust(width) for name in COLUMNS)]
    for name in ["the whole", *names]:
        rooms = [each.whole if name == "the whole" else each.rooms.get(name) for each in every]
        rows = [room.row() if room else None for room in rooms]
        cells = ("".join((f"{row[at]:,}" if row else "-").rjust(7) for row in rows) for at in range(len(COLUMNS)))
        lines.append(name.ljust(28) + "".join("  " + cell for cell in cells))
    told = [each.lines() for each in every]
    for name in told[0]:
        lines += ["", *(f"{name if not at else '':<28}  {each[name]}" for at, each in enumerate(told))]
    for at, each in enumerate(every):
        longest = sorted(each.whole.functions, reverse=True)[:LONGEST_NAMED]
        start = "longest functions" if not at else ""
        lines += ["", *(f"{start if not nth else '':<28}  {one.lines} {one.name}" for nth, one in enumerate(longest))]
    return "\n".join(lines)


def main() -> None:
    """Print what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.house_measures", description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path("annotriage"), help="the folder of the package")
    parser.add_argument("--against", metavar="COMMIT", help="show the figures of that commit before those of now")
    given = parser.parse_args()
    pyproject = Path("pyproject.toml")
    if not (given.root.is_dir() and pyproject.is_file()):
        parser.error(f"{given.root}/ and pyproject.toml are not both here: run it in the folder of the checkout.")
    now, before = measure(given.root, pyproject, Path("tests")), None
    if given.against:
        packed = subprocess.run(["git", "archive", given.against, given.root, "tests"], capture_output=True)
        if packed.returncode:
            parser.error(f"git has no {given.against} with {given.root}/: {packed.stderr.decode().strip()}")
        with TemporaryDirectory() as folder, tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
            archive.extractall(folder, filter="data")
            # Both by the layers of now: one ruler.
            before = measure(Path(folder, given.root), pyproject, Path(folder, "tests"))
    print(table(now, before))


if __name__ == "__main__":
    main()
