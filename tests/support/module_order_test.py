"""The check of the modules' order finds each kind of violation, and only those."""

import subprocess
import sys

import pytest

import module_order
from support.program import ROOT

GOOD = {
    "README.md": "| module | what |\n| --- | --- |\n| base | b |\n| log | l |\n| store | s |\n",
    "CMakeLists.txt": "set(IOT_MODULE_ORDER base log store)\n",
    "base/CMakeLists.txt": "iot_module(base SOURCES a.cpp)\n",
    "base/a.h": "#include <vector>\n",
    "log/CMakeLists.txt": "# a comment (with a bracket\niot_module(log\n  DEPENDS base  # and one here\n  SOURCES b.cpp)\n",
    "log/b.h": '#include "base/a.h"\n',
    "log/deep/c.cpp": '#include "log/b.h"\n#include <rocksdb/db.h>\n',
    "store/CMakeLists.txt": "iot_module(store DEPENDS base log SOURCES d.cpp)\n",
    "store/d.cpp": '#include "log/b.h"\n#include "store/e.h"\n',
    "store/e.h": "#include <boost/asio/any_io_executor.hpp>\n",
}


def found_in(tmp_path, **changes):
    for name, text in {**GOOD, **changes}.items():
        file = tmp_path / "src" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return module_order.violations(tmp_path)


def test_finds_nothing_where_nothing_is_wrong(tmp_path):
    assert found_in(tmp_path) == []


@pytest.mark.parametrize("changes, fault", [
    ({"base/a.h": '#include "log/b.h"\n'}, "base does not list log"),
    ({"log/b.h": '  #  include "store/e.h"\n'}, "log does not list store"),
    ({"log/deep/c.cpp": '#include "store/e.h"\n'}, "src/log/deep/c.cpp"),
    ({"store/CMakeLists.txt": "iot_module(store DEPENDS base SOURCES d.cpp)\n"}, "store does not list log"),
    ({"base/CMakeLists.txt": "iot_module(base DEPENDS store SOURCES a.cpp)\n"}, "does not lie below"),
    ({"log/CMakeLists.txt": "iot_module(log DEPENDS log SOURCES a.cpp)\n"}, "does not lie below"),
    ({"log/CMakeLists.txt": "iot_module(log DEPENDS elsewhere SOURCES a.cpp)\n"}, "elsewhere"),
    ({"log/CMakeLists.txt": "\n"}, "no iot_module"),
    ({"store/d.cpp": '#include "e.h"\n'}, "does not begin with a module"),
    ({"store/d.cpp": '#include "../log/b.h"\n'}, "does not begin with a module"),
    ({"store/d.cpp": "#include <log/b.h>\n"}, "belongs in quotes"),
    ({"extra/x.h": "\n"}, "src/extra"),
    ({"CMakeLists.txt": "set(IOT_MODULE_ORDER log base store)\n"}, "IOT_MODULE_ORDER"),
    ({"README.md": "nothing\n"}, "no table"),
])
def test_finds_each_violation(tmp_path, changes, fault):
    found = found_in(tmp_path, **changes)
    assert any(fault in line for line in found), found


@pytest.mark.parametrize("library", ["rocksdb/db.h", "boost/beast/http.hpp", "openssl/evp.h", "simdjson.h", "jwt.h", "soci/soci.h"])
def test_finds_a_heavy_library_that_reaches_another_module(tmp_path, library):
    found = found_in(tmp_path, **{"base/a.h": f"#include <{library}>\n"})
    assert found == [f"src/base/a.h: brings {library}, which is heavy, into log/b.h"]


def test_a_heavy_library_in_a_modules_own_header_is_only_found_when_strict(tmp_path):
    assert found_in(tmp_path, **{"store/e.h": "#include <rocksdb/db.h>\n"}) == []
    assert module_order.violations(tmp_path, strict=True) == ["src/store/e.h: rocksdb/db.h is heavy and belongs into a .cpp"]


def test_the_command_tells_by_its_exit_code(tmp_path):
    command = [sys.executable, module_order.__file__, tmp_path]
    found_in(tmp_path)
    assert subprocess.run(command).returncode == 0
    found_in(tmp_path, **{"base/a.h": '#include "log/b.h"\n'})
    assert subprocess.run(command, capture_output=True).returncode == 1


def test_the_platform_keeps_its_own_order():
    assert module_order.violations(ROOT) == []
