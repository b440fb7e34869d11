from pathlib import Path

import pytest

from core.blobs import Folder, store_of
from core.errors import SettingsError
from core.settings import load_settings


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("DATA", "DATABASE_URL", "PORT"):
        monkeypatch.delenv(f"TRADEPOST_{name}", raising=False)


@pytest.mark.requirement("AX-7")
def test_nothing_needs_to_be_set(tmp_path):
    settings = load_settings()
    assert settings.database == f"sqlite://{tmp_path}/data/tradepost.sqlite3"
    assert settings.files == f"file://{tmp_path}/data/files"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)


def test_the_environment_goes_before_the_file(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("TRADEPOST_PORT=9001\nTRADEPOST_LANGUAGE=ko\nOTHER=1\n", encoding="utf-8")
    monkeypatch.setenv("TRADEPOST_PORT", "9002")
    settings = load_settings()
    assert (settings.port, settings.language) == (9002, "ko")


def test_each_fault_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setenv("TRADEPOST_PORT", "99999")
    monkeypatch.setenv("TRADEPOST_DATABASE_URL", "mysql://localhost/crm")
    monkeypatch.setenv("TRADEPOST_SEARCH_URI", "http://localhost:7700")
    with pytest.raises(SettingsError) as fault:
        load_settings()
    assert str(fault.value).splitlines() == [
        "TRADEPOST_SEARCH_URI: there is no such setting; did you mean TRADEPOST_SEARCH_URL?",
        (
            "TRADEPOST_DATABASE_URL: must begin with sqlite:/// or postgresql:// or postgres://; "
            "correct it in the environment or in .env"
        ),
        "TRADEPOST_PORT: Input should be less than or equal to 65535; correct it in the environment or in .env",
    ]


def test_a_misspelt_name_is_found_in_the_file_too(tmp_path):
    (tmp_path / ".env").write_text("TRADEPOST_PROT=9001\n", encoding="utf-8")
    with pytest.raises(SettingsError) as fault:
        load_settings()
    assert str(fault.value) == "TRADEPOST_PROT: there is no such setting; did you mean TRADEPOST_PORT?"


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / ".env").write_bytes(b"\xff\xfeT")
    with pytest.raises(SettingsError, match=r"^\.env cannot be read: .*; save it as UTF-8"):
        load_settings()


def test_a_folder_may_be_called_as_it_likes(tmp_path):
    odd = tmp_path / "100% #1? 数据"
    settings = load_settings(data=odd)
    assert settings.sqlite == odd / "tradepost.sqlite3"
    store = store_of(settings)
    assert isinstance(store, Folder)
    assert store.path == odd / "files"


def test_secrets_do_not_show(monkeypatch):
    settings = load_settings(
        database_url="postgresql://crm:hush@db/crm", admin_password="hush hush hush", search_key="hush"
    )
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("listed", "host", "allowed"),
    [
        ("", "localhost", True),
        ("", "192.168.1.20", True),
        ("", "[::1]", True),
        ("", "crm.example.com", False),
        ("crm.example.com", "CRM.example.com.", True),
        ("crm.example.com", "evil.example.com", False),
        (".example.com", "evil.example.com", True),
        (".example.com", "evilexample.com", False),
        ("*", "anything.test", True),
    ],
)
def test_a_request_may_name_listed_hosts_and_numbers(listed, host, allowed):
    assert load_settings(allowed_hosts=listed).allows_host(host) is allowed


@pytest.mark.parametrize(
    ("choice", "scheme", "secure"),
    [("auto", "https", True), ("auto", "http", False), ("always", "http", True), ("never", "https", False)],
)
def test_cookies_are_secure_where_the_connection_is(choice, scheme, secure):
    assert load_settings(secure_cookies=choice).secure(scheme) is secure


def test_the_shipped_file_of_settings_is_understood(tmp_path):
    shipped = Path(__file__).parents[2] / "examples" / "production" / "tradepost.env"
    (tmp_path / ".env").write_text(shipped.read_text("utf-8"), "utf-8")
    settings = load_settings()
    assert (settings.files, settings.processes, settings.metrics) == ("s3://tradepost-files/crm", 2, "127.0.0.1:9464")
    assert settings.direct != settings.database
    assert settings.files_secret.get_secret_value() == "change-me"
    assert "change-me" not in repr(settings).replace("files_key='change-me'", "")
