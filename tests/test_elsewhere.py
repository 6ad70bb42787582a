"""Environments other than .venv: which Python they get, when they are made anew, what is said where they cannot be."""

import sys

import pytest

from tests.test_environment import fake
from tools import elsewhere

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
SAYS_9_9 = 'case "$1" in -c) echo 9.9;; esac'


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """No Python but those that a test makes."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    monkeypatch.setenv("PATH", "/bin")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "uv"))
    monkeypatch.delenv("PYTHON99", raising=False)
    return tmp_path


def test_a_python_that_does_not_run_is_not_found(alone, monkeypatch):
    """As pyenv's shims, which are on the path for every version, also those that are not chosen."""
    shims = fake(alone / "shims", "python9.9", "echo 'pyenv: python9.9: command not found' >&2; exit 127")
    monkeypatch.setenv("PATH", f"{shims}:/bin")
    assert elsewhere.find_python("9.9") is None
    with pytest.raises(elsewhere.ElsewhereError, match=r"no Python 9.9 or 9.8 found.*PYTHON99="):
        elsewhere.find_first(("9.9", "9.8"))
    (alone / "pyenv/versions/9.9.1").mkdir(parents=True)
    behind = fake(alone / "pyenv/versions/9.9.1/bin", "python9.9", SAYS_9_9)
    assert elsewhere.find_first(("9.8", "9.9")) == str(behind / "python9.9")


def test_the_named_python_comes_first_and_must_be_what_it_is_named(alone, monkeypatch):
    on_path = fake(alone / "bin", "python9.9", SAYS_9_9)
    monkeypatch.setenv("PATH", f"{on_path}:/bin")
    assert elsewhere.find_python("9.9") == str(on_path / "python9.9")
    named = fake(alone / "mine", "python", SAYS_9_9) / "python"
    monkeypatch.setenv("PYTHON99", str(named))
    assert elsewhere.find_python("9.9") == str(named)
    monkeypatch.setenv("PYTHON98", str(named))
    with pytest.raises(elsewhere.ElsewhereError, match=r"PYTHON98=.* is not a Python 9.8"):
        elsewhere.find_python("9.8")


@pytest.fixture
def made(tmp_path, monkeypatch):
    """What uv is asked for, in a house with nothing in it."""
    calls = []

    def uv(log, *arguments):
        calls.append(arguments[:2])
        if arguments[0] == "venv":
            folder = tmp_path / "build/envs/lowest"
            (folder / f"lib/python{HERE}/site-packages").mkdir(parents=True)
            fake(folder / "bin", "python", f"echo {HERE}")

    monkeypatch.setattr(elsewhere, "uv", uv)
    monkeypatch.setattr(elsewhere, "ROOT", tmp_path)
    monkeypatch.setattr(elsewhere, "ENVIRONMENTS", tmp_path / "build/envs")
    kind = elsewhere.KINDS["lowest"]
    monkeypatch.setitem(elsewhere.KINDS, "lowest", kind._replace(pythons=(HERE,)))
    (tmp_path / "pyproject.toml").write_text("one")
    return calls


def test_an_environment_is_made_again_only_when_its_inputs_changed(made, tmp_path):
    whole = [("venv", "--quiet"), ("pip", "install")]
    elsewhere.make("lowest")
    assert made == whole
    elsewhere.make("lowest")
    assert made == whole
    (tmp_path / "pyproject.toml").write_text("two")
    elsewhere.make("lowest")
    assert made == whole * 2


def test_an_environment_that_does_not_run_is_made_again(made):
    elsewhere.make("lowest")
    elsewhere.python_of("lowest").unlink()
    elsewhere.make("lowest")
    assert len(made) == 4


def test_newest_versions_are_looked_for_each_time(made, monkeypatch):
    monkeypatch.setitem(elsewhere.KINDS, "lowest", elsewhere.KINDS["lowest"]._replace(moves=True))
    elsewhere.make("lowest")
    elsewhere.make("lowest")
    assert made == [("venv", "--quiet"), ("pip", "install"), ("pip", "install")]


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("error: Request failed after 3 retries\n  Caused by: dns error\n", "Check the network"),
        ("error: No space left on device (os error 28)\n", "disk is full"),
        ("  × No solution found:\n  ╰─▶ keras==3 and keras==4 do not go together.\n\n", "do not go together"),
        ("", "uv said nothing"),
    ],
)
def test_what_uv_says_becomes_one_line(log, words, tmp_path):
    told = elsewhere.explain(log, tmp_path / "x.log")
    assert words in told and "x.log" in told and "\n" not in told


def test_where_no_python_suits_it_fails_unless_told_to_pass(alone, monkeypatch, capsys):
    monkeypatch.setitem(elsewhere.KINDS, "colab", elsewhere.KINDS["colab"]._replace(pythons=("9.9",)))
    monkeypatch.setattr(sys, "argv", ["elsewhere.py", "colab"])
    assert elsewhere.main() == 1
    assert "no Python 9.9 found" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["elsewhere.py", "colab", "--if-there"])
    assert elsewhere.main() == 0
    assert "NOT RUN" in capsys.readouterr().out


def test_without_network_it_fails_in_one_line(tmp_path, monkeypatch):
    """With a Python whose uv says what uv says then."""
    refuses = f'case "$1" in -c) echo {HERE};; *) echo "  Caused by: dns error" >&2; exit 2;; esac'
    monkeypatch.setattr(elsewhere, "ENVIRONMENTS", tmp_path / "envs")
    monkeypatch.setattr(sys, "executable", str(fake(tmp_path / "bin", "python", refuses) / "python"))
    monkeypatch.setitem(elsewhere.KINDS, "lonely", elsewhere.Environment((HERE,), ("pooch",), ()))
    with pytest.raises(elsewhere.ElsewhereError, match="Check the network"):
        elsewhere.make("lonely")
    assert not (tmp_path / "envs/lonely/inputs").exists()
