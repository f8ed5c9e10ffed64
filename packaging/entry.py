"""Where the packaged program begins: the window without arguments, every command with some."""

import os
import sys
from multiprocessing import freeze_support

# What was set so that this process finds its own libraries would send the programs that it opens (a browser, the file
# manager) to the wrong ones. The loader has read LD_LIBRARY_PATH by now, and Qt finds its plugins beside itself.
for _name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):
    _before = os.environ.pop(f"{_name}_ORIG", None)
    if _before is not None:
        os.environ[_name] = _before
    elif sys.platform.startswith("linux"):
        os.environ.pop(_name, None)
for _name in ("QT_PLUGIN_PATH", "QML2_IMPORT_PATH"):
    if os.environ.get(_name, "").startswith(getattr(sys, "_MEIPASS", "\0")):
        del os.environ[_name]

if __name__ == "__main__":
    freeze_support()
    if "MPLCONFIGDIR" not in os.environ:  # where matplotlib keeps its list of fonts, which takes seconds to make
        from platformdirs import user_cache_path

        os.environ["MPLCONFIGDIR"] = str(user_cache_path("annotriage", appauthor=False) / "matplotlib")
    from annotriage.program import main

    main()
