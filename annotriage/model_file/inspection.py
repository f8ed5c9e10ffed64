"""Look into an ONNX graph without loading it: what it refers to, computes with, takes in and gives out."""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from annotriage.model_file.card import BY_WAY, FEATURES, ModelCard
from annotriage.model_file.errors import ModelFileError, shown
from annotriage.model_file.operators import ENDS, LARGEST_SHAPE, OPERATORS, STANDARD_DOMAINS
from annotriage.model_file.sizes import Step, size_from_pixels
from annotriage.model_file.wire import BYTES, VARINT, Field, WireError, fields, varints

FLOAT = 1
"""TensorProto.FLOAT, the element type of all inputs and outputs."""

INT64 = 7
_LONGEST_SHAPE = 8

# Far above what any backbone needs (a ViT has some 40,000), and read in
# about a second.
_MOST_FIELDS = 1_000_000
_DEEPEST = 32

# Message -> field number -> the message in it. All places in which a tensor or an operator can lie.
_CHILDREN: dict[str, dict[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "function": {7: "node", 11: "attribute"},
    "training": {1: "graph", 2: "graph"},
    "tensor": {},
}


@dataclass(frozen=True, slots=True)
class Port:
    """One input or output of a graph.

    Attributes
    ----------
    name : str
    element : int
        ONNX element type; 1 is float32.
    shape : tuple of (int or None), or None
        A dimension that is not fixed is None; None as a whole: the file does not say.
    """

    name: str
    element: int
    shape: tuple[int | None, ...] | None


@dataclass(slots=True)
class Contents:
    """What a graph was found to hold."""

    graphs: int = 0
    external: bool = False
    functions: bool = False
    training: bool = False
    largest_shape: int = 0
    operators: set[tuple[str, str]] = field(default_factory=set)
    inputs: list[Port] = field(default_factory=list)
    outputs: list[Port] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


def inspect(data: bytes) -> Contents:
    """Walk through the ONNX file `data`.

    Raises
    ------
    WireError
        It is no protobuf message, is nested too deeply or has too many parts.
    """
    contents = Contents()
    initialized: set[str] = set()
    left = _MOST_FIELDS
    waiting = [("model", 0, len(data), 0)]
    while waiting:
        message, start, end, depth = waiting.pop()
        if depth > _DEEPEST:
            raise WireError("it is nested too deeply")
        domain = operator = ""
        taken: list[str] = []
        given: list[str] = []
        for part in fields(data, start, end):
            left -= 1
            if left < 0:
                raise WireError("it has too many parts")
            child = _CHILDREN[message].get(part.number)
            if child is not None and part.kind == BYTES:
                waiting.append((child, part.start, part.end, depth + 1))
                contents.functions |= child == "function"
                contents.training |= child == "training"
                contents.graphs += message == "model" and child == "graph"
            elif message == "tensor":
                # 13: external_data (location and so on), 14: data_location (0: in this file)
                contents.external |= part.number == 13 or (part.number == 14 and part.value != 0)
                if part.number == 8 and depth == 2:
                    initialized.add(_text(data, part))
            elif message == "node" and part.number in (1, 2):
                (taken if part.number == 1 else given).append(_text(data, part))
            elif message == "node" and part.number == 4:
                operator = _text(data, part)
            elif message == "node" and part.number == 7:
                domain = _text(data, part)
            elif message == "graph" and depth == 1 and part.kind == BYTES and part.number in (11, 12):
                (contents.inputs if part.number == 11 else contents.outputs).append(_port(data, part))
        if message == "tensor":
            contents.largest_shape = max(contents.largest_shape, _numbers_of_shape(data, start, end))
        if message == "node":
            contents.operators.add((domain, operator))
            contents.steps.append(Step(operator, taken, given))
    # Files of before 2019 name their weights among the inputs.
    contents.inputs = [port for port in contents.inputs if port.name not in initialized]
    return contents


def check_contents(contents: Contents) -> None:
    """Refuse a graph that reads other files or that not every ONNX runtime can compute.

    Raises
    ------
    ModelFileError
        With the rest of a sentence that begins with the file's name.
    """
    if contents.external:
        raise ModelFileError(
            "refers to weights outside itself, which is refused because a model must be one file; "
            "export it again with its weights inside."
        )
    if contents.graphs != 1 or contents.training:
        raise ModelFileError("does not hold exactly one graph to compute; export it again for inference.")
    foreign = sorted({domain for domain, _ in contents.operators} - STANDARD_DOMAINS)
    if foreign or contents.functions:
        names = ", ".join(shown(domain, 60) for domain in foreign[:3]) or "its own functions"
        raise ModelFileError(f"uses operators that are not ONNX's own ({names}); export it with standard operators.")
    unknown = sorted({operator for _, operator in contents.operators} - OPERATORS)
    if unknown:
        names = ", ".join(shown(operator, 60) for operator in unknown[:3])
        raise ModelFileError(
            f"uses operators that no exported backbone has ({names}), some of which need not come to an end; export it "
            "with `annotriage train`, or update Annotriage."
        )
    grower = size_from_pixels(contents.steps, [port.name for port in contents.inputs])
    if grower is not None:
        raise ModelFileError(
            f"makes something whose size depends on the pixels of an image ({grower}), so that nobody can tell what it "
            "takes; export it again."
        )
    if contents.largest_shape > LARGEST_SHAPE:
        raise ModelFileError(
            f"makes something of {contents.largest_shape:.2g} numbers, more than any backbone needs "
            f"({LARGEST_SHAPE:.2g}); export it again."
        )


def check_ports(inputs: Sequence[Port], outputs: Sequence[Port], card: ModelCard) -> None:
    """Refuse a graph whose inputs and outputs are not those that its card and this program expect.

    Raises
    ------
    ModelFileError
        With the rest of a sentence that begins with the file's name.
    """
    image: tuple[int | None, ...] = (None, 3, card.input_height, card.input_width)
    expected_outputs: dict[str, tuple[int | None, ...]] = dict.fromkeys(card.outputs, (None,))
    expected_outputs |= {"interval": (None, 2)} | {spec.name: (None, None, None) for spec in card.all_maps}
    if card.ways:
        expected_outputs[BY_WAY] = (None, len(card.ways), 2)
    if card.features:
        expected_outputs[FEATURES] = (None, card.features.size)
    for kind, ports, expected in (("input", inputs, {"image": image}), ("output", outputs, expected_outputs)):
        names = [port.name for port in ports]
        if sorted(names) != sorted(expected):
            raise ModelFileError(
                f"has the {kind}s {shown(', '.join(names)) or 'none'} where its card and this version expect "
                f"{', '.join(expected)}; export it again."
            )
        for port in ports:
            wanted = expected[port.name]
            if port.element != FLOAT:
                raise ModelFileError(f"has the {kind} {port.name} in another type than float32; export it again.")
            if port.shape is not None and not _fits(port.shape, wanted):
                raise ModelFileError(
                    f"has the {kind} {port.name} of shape {_shape(port.shape)} where its card and this "
                    f"version expect {_shape(wanted)}; export it again with a free first dimension."
                )


def _fits(shape: tuple[int | None, ...], wanted: tuple[int | None, ...]) -> bool:
    """Whether a shape agrees: first dimension free, the others as wanted where both say; maps of 1..1024."""
    if len(shape) != len(wanted) or shape[0] is not None:
        return False
    pairs = zip(shape[1:], wanted[1:], strict=True)
    return all(has is None or (has == wants if wants is not None else 1 <= has <= 1024) for has, wants in pairs)


def _shape(shape: tuple[int | None, ...]) -> str:
    return "(" + ", ".join("any" if size is None else shown(str(size), 20) for size in shape) + ")"


def _numbers_of_shape(data: bytes, start: int, end: int) -> int:
    """Read TensorProto{2 data_type, 7 int64_data, 9 raw_data}; return how many numbers it asks for if it is a shape."""
    element, values = 0, list[int]()
    for part in fields(data, start, end):
        if part.number == 2 and part.kind == VARINT:
            element = part.value
        elif part.number == 7 and part.kind == VARINT:
            values.append(part.value)
        elif part.number == 7 and part.kind == BYTES and part.end - part.start <= _LONGEST_SHAPE * 10:
            values += varints(data, part.start, part.end)
        elif part.number == 9 and part.kind == BYTES and part.end - part.start <= _LONGEST_SHAPE * 8:
            values += array("q", data[part.start : part.end - (part.end - part.start) % 8])
    if element != INT64 or not 0 < len(values) <= _LONGEST_SHAPE:
        return 0
    return math.prod(value for value in values if value > 0 and value not in ENDS)


def _text(data: bytes, part: Field) -> str:
    return data[part.start : part.end].decode("utf-8", "replace") if part.kind == BYTES else ""


def _port(data: bytes, value_info: Field) -> Port:
    """Read ValueInfoProto{1 name, 2 TypeProto{1 Tensor{1 elem_type, 2 TensorShapeProto{1 dim}}}}."""
    name, element, shape = "", 0, None
    for part in fields(data, value_info.start, value_info.end):
        if part.number == 1:
            name = _text(data, part)
        if part.number != 2 or part.kind != BYTES:
            continue
        for kind in fields(data, part.start, part.end):
            if kind.number != 1 or kind.kind != BYTES:
                continue
            for inner in fields(data, kind.start, kind.end):
                if inner.number == 1 and inner.kind == VARINT:
                    element = inner.value
                elif inner.number == 2 and inner.kind == BYTES:
                    sizes = fields(data, inner.start, inner.end)
                    shape = tuple(_size(data, size) for size in sizes if size.number == 1 and size.kind == BYTES)
    return Port(name, element, shape)


def _size(data: bytes, dimension: Field) -> int | None:
    """Read TensorShapeProto.Dimension{1 dim_value | 2 dim_param}."""
    size = None
    for part in fields(data, dimension.start, dimension.end):
        if part.number == 1 and part.kind == VARINT:
            size = part.value
        elif part.number == 2:
            size = None
    return size
