"""The version resource that Windows shows in a file's properties."""

_TEMPLATE = """VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3f, flags=0x0, OS=0x40004, fileType=0x1),
  kids=[
    StringFileInfo([StringTable('040904B0', [
      StringStruct('CompanyName', 'The Annotriage developers'),
      StringStruct('FileDescription', 'Annotriage'),
      StringStruct('FileVersion', {version!r}),
      StringStruct('InternalName', 'annotriage'),
      StringStruct('LegalCopyright', '© 2026 The Annotriage developers. BSD 3-Clause License.'),
      StringStruct('OriginalFilename', 'annotriage.exe'),
      StringStruct('ProductName', 'Annotriage'),
      StringStruct('ProductVersion', {version!r}),
    ])]),
    VarFileInfo([VarStruct('Translation', [1033, 1200])]),
  ],
)
"""


def version_resource(version: str) -> str:
    """Return the resource as PyInstaller reads it.

    Parameters
    ----------
    version : str
        As 1.2.3; what follows numbers (1.2.3rc1) is only shown.
    """
    numbers = []
    for part in version.split(".")[:4]:
        digits = "".join(character if character.isdigit() else " " for character in part).split()
        numbers.append(int(digits[0]) if digits else 0)
    return _TEMPLATE.format(numbers=tuple((numbers + [0] * 4)[:4]), version=version)
