"""Say what a file that is no model of ours seems to be, so that its owner knows which file they named."""

FOREIGN_ONNX = (
    "is an ONNX model without Annotriage's card, so it is not known what goes in and comes out; "
    "export models with `annotriage train`."
)

_BEGINNINGS = (
    (b"version https://git-lfs", "is a Git LFS pointer, not the model itself; fetch it with `git lfs pull`."),
    (b"PK\x03\x04", "is a zip archive, perhaps a PyTorch checkpoint; name an .onnx file."),
    (b"\xff\xd8\xff", "is a JPEG image, not a model file."),
    (b"\x89PNG", "is a PNG image, not a model file."),
)


def what_it_seems(data: bytes) -> str:
    """Describe bytes in which no metadata of ONNX were found.

    Parameters
    ----------
    data : bytes
        At least one.

    Returns
    -------
    str
        The rest of a sentence that begins with the file's name.
    """
    for beginning, sentence in _BEGINNINGS:
        if data.startswith(beginning):
            return sentence
    if data[0] == 0x80 and data[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return "is a Python pickle, which is never loaded because it can run any program; name an .onnx file."
    if data[0] == 0x08 and len(data) > 1 and 3 <= data[1] < 32:  # ir_version, the first field of ModelProto
        return "is an ONNX file without Annotriage's card, or the beginning of one; copy or export it again."
    if all(byte in (9, 10, 13) or 32 <= byte < 127 for byte in data[:256]):
        return "is a text file, not a model file."
    return "is not an ONNX file, or is a damaged one; name a model file that Annotriage made."
