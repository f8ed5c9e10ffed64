"""`annotriage serve`: what is refused before anything is started; the server itself is in tests/labelling/serving."""

import socket

import pytest
import typer
from typer.testing import CliRunner, Result

from annotriage import version
from annotriage.commands import serve
from annotriage.errors import AnnotriageError


def run(*arguments: str, **environment: str) -> Result:
    app = typer.Typer()
    serve.register(app)
    app.command("other")(lambda: None)
    env = {"COLUMNS": "200", "NO_COLOR": "1", serve.PASSWORD: "", **environment}
    return CliRunner(env=env).invoke(app, ["serve", *arguments])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--no-auth", "--host", "0.0.0.0"), "others can reach"),
        (("--no-auth", "--host", "192.168.1.2"), "others can reach"),
        (("--no-auth", "--password", "long enough"), "one of the two"),
        (("--password", "short"), "at least 8"),
        (("--user", "a:b"), "colon"),
        (("--user", ""), "colon"),
        (("--root", "/no/such/folder"), "does not exist"),
        (("--port", "70000"), "65535"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.output.replace("│", " ").split())


@pytest.mark.parametrize("address", ["http://", "http://user:word@host", "file:///etc"])
def test_what_is_no_address_of_a_server(address: str) -> None:
    result = run("--label-studio", address)
    assert isinstance(result.exception, AnnotriageError) and "address" in str(result.exception)


def test_the_password_of_the_environment_counts() -> None:
    result = run("--no-auth", **{serve.PASSWORD: "long enough"})
    assert result.exit_code == 2 and "one of the two" in result.output
    assert "long enough" not in result.output
    assert "long enough" not in run("--help", **{serve.PASSWORD: "long enough"}).output


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version, "find_spec", lambda name: None if name == "uvicorn" else object())
    result = run()
    assert isinstance(result.exception, AnnotriageError)
    assert "uvicorn missing" in str(result.exception) and "serve]" in str(result.exception)


@pytest.mark.slow
def test_an_address_that_is_not_here_and_a_port_that_is_taken() -> None:
    result = run("--host", "no.such.host.invalid")
    assert isinstance(result.exception, AnnotriageError) and "no address of this computer" in str(result.exception)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run("--port", str(taken.getsockname()[1]))
    assert isinstance(result.exception, AnnotriageError) and "another --port" in str(result.exception)
