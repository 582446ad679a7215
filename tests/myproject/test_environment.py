"""myproject.environment: a value in, a setting out, or a sentence that says what to set."""

import traceback
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from myproject import environment
from myproject.site_environment import address_served

VAR = Path("/tmp")  # noqa: S108


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("Yes", True), (" on ", True), ("0", False), ("FALSE", False)]
)
def test_a_flag_is_read_as_people_write_it(text, value):
    assert environment.flag({"DEBUG": text}, "DEBUG", default=not value) is value


def test_an_empty_flag_is_its_default():
    assert environment.flag({"DEBUG": ""}, "DEBUG", default=True) is True
    assert environment.flag({}, "DEBUG") is False


@pytest.mark.parametrize(
    ("refused", "told"),
    [
        (lambda: environment.flag({"DEBUG": "ture"}, "DEBUG"), "DEBUG='ture'.*Set it to 1 or to 0"),
        (lambda: environment.whole_number({"DB_POOL_SIZE": "four"}, "DB_POOL_SIZE", 4), "DB_POOL_SIZE='four'"),
        (lambda: environment.secret_key({}, debug=False), "SECRET_KEY must be set.*make run"),
        (lambda: environment.secret_key({"SECRET_KEY": "short"}, debug=False), "at least 32"),
        (lambda: environment.allowed_hosts({}, debug=False), "ALLOWED_HOSTS must name your site"),
        (lambda: environment.allowed_hosts({"ALLOWED_HOSTS": "a.example, *"}, debug=False), "forged Host"),
        (lambda: environment.whole_number({"DB_CONNECTIONS": "-3"}, "DB_CONNECTIONS", 20, least=1), "to 1 or more"),
        (lambda: environment.databases({"DATABASE_URL": "mysql://a:b@c/d"}, VAR), "sqlite:///… and postgres://"),
        (lambda: environment.databases({"DATABASE_URL": "nonsense"}, VAR), "DATABASE_URL"),
        (lambda: environment.databases({"DATABASE_URL": "postgres://u:p@[x/n"}, VAR), "DATABASE_URL cannot be read"),
        (lambda: environment.channel_layers({"REDIS_URL": "http://x"}), "must begin with redis://"),
        (
            lambda: environment.channel_layers({"REDIS_URL": "rediss://x", "REDIS_TLS_VERIFY": "no"}),
            "'required' or 'none'",
        ),
        (lambda: environment.email({"EMAIL_URL": "pigeon://x"}, VAR), "EMAIL_URL cannot be read"),
        (lambda: environment.channel_layers({"REDIS_URL": "redis://host:no"}), "REDIS_URL cannot be read"),
        (lambda: environment.databases({"DATABASE_URL": "sqlite:////no/such/x.db"}, VAR), "'/no/such'.*Make it first"),
        (lambda: environment.databases({"DATABASE_URL": "postgres://a@b/c", "DB_POOL_SIZE": "0"}, VAR), "1 or more"),
        (lambda: environment.storages({"S3_BUCKET": "b", "S3_ENDPOINT_URL": "foo"}, False), "S3_ENDPOINT_URL must"),
        (lambda: environment.time_zone({"TIME_ZONE": "Mars/Olympus"}), "TIME_ZONE='Mars/Olympus'"),
        (lambda: environment.log_level({"LOG_LEVEL": "loud"}), "LOG_LEVEL='LOUD'"),
        (lambda: environment.logging({"LOG_FORMAT": "xml"}), "LOG_FORMAT='xml'.*Set it to json"),
        (lambda: environment.var_dir({"VAR_DIR": "/proc/nope"}, VAR), "VAR_DIR='/proc/nope' is no folder"),
        (lambda: environment.var_dir({"VAR_DIR": "/proc"}, VAR), "VAR_DIR='/proc' is no folder.*give this one"),
        (lambda: environment.var_dir({"VAR_DIR": __file__}, VAR), "VAR_DIR=.*is no folder"),
        (lambda: environment.channel_layers({"REDIS_URL": "redis://h", "CHANNEL_PREFIX": "a b\n"}), "CHANNEL_PREFIX="),
    ],
)
def test_a_value_that_cannot_work_is_refused_with_the_cure(refused, told):
    with pytest.raises(ImproperlyConfigured, match=told):
        refused()


@pytest.mark.parametrize(
    "host", ["https://www.example.com", "a.example:8000", "a.example/", "*.a.example", "a b", "[", "ä"]
)
@pytest.mark.parametrize("debug", [False, True])
def test_what_can_never_be_a_host_is_refused(host, debug):
    with pytest.raises(ImproperlyConfigured, match=r"ALLOWED_HOSTS: .* is no host name.*\.example\.com"):
        environment.allowed_hosts({"ALLOWED_HOSTS": f"good.example, {host}"}, debug)


def test_names_addresses_and_whole_domains_are_hosts():
    hosts = ["www.example.com", ".example.com", "10.0.0.1", "[::1]", "localhost"]
    assert environment.allowed_hosts({"ALLOWED_HOSTS": ",".join(hosts)}, debug=False) == hosts


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "http://127.0.0.1:1"), ("0.0.0.0", "http://127.0.0.1:1"), ("::", "http://[::1]:1")],  # noqa: S104
)
def test_a_server_on_all_addresses_is_found_on_this_machine(host, address):
    assert address_served(host, "1") == address


NO_SITES = "www.example.com https:// https://[ https://[::1 ftp://a.example https://a.example/path https://a.example?x "
NO_SITES += "https://u:p@a.example https://a.example:70000 https://a\tb https://a.example\x00"


@pytest.mark.parametrize("url", NO_SITES.split(" "))
def test_what_is_no_address_of_a_site_is_refused_and_not_repeated(url):
    with pytest.raises(ImproperlyConfigured, match="Set it to scheme and host") as refused:
        environment.site_url({"SITE_URL": url}, False, [])
    assert "u:p" not in str(refused.value)


PASSWORDS = {
    "REDIS_URL": ["http://:hunter2@h", "redis://:hunter2/x@h", "redis://:hunter2[@h"],
    "DATABASE_URL": ["postgres://u:hunter2/x@h/n", "mysql://u:hunter2[@h/n"],
    "EMAIL_URL": ["smtp+tls://u:hunter2/x@h:587", "pigeon://u:hunter2[@h"],
}
READ_BY = {
    "REDIS_URL": environment.channel_layers,
    "DATABASE_URL": lambda env: environment.databases(env, VAR),
    "EMAIL_URL": lambda env: environment.email(env, VAR),
}


@pytest.mark.parametrize(("name", "url"), [(name, url) for name, urls in PASSWORDS.items() for url in urls])
def test_a_password_is_told_neither_in_the_sentence_nor_behind_it(name, url):
    with pytest.raises(ImproperlyConfigured) as told:
        READ_BY[name]({name: url})
    assert "hunter2" not in "".join(traceback.format_exception(told.value))


def test_with_debug_nothing_needs_to_be_set():
    assert len(environment.secret_key({}, debug=True)) >= 32
    assert environment.allowed_hosts({}, debug=True) == ["localhost", "127.0.0.1", "[::1]"]
    assert environment.site_url({}, True, []) == "http://127.0.0.1:8000"


def test_the_site_is_the_first_allowed_host_unless_told():
    assert environment.site_url({}, False, [".example.com"]) == "https://example.com"
    assert environment.site_url({"SITE_URL": "https://b.example/"}, False, ["a.example"]) == "https://b.example"
    assert environment.site_url({"SITE_URL": " HTTPS://[::1]:8443 "}, False, []) == "https://[::1]:8443"


def test_sqlite_is_set_up_for_several_writers():
    default = environment.databases({}, VAR)["default"]
    assert default["ENGINE"] == "django.db.backends.sqlite3"
    assert Path(default["NAME"]) == VAR / "db.sqlite3"
    assert default["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in default["OPTIONS"]["init_command"]


def test_postgresql_is_pooled_and_never_persistent():
    default = environment.databases({"DATABASE_URL": "postgres://u:p@h:5/n", "DB_POOL_SIZE": "7"}, VAR)["default"]
    assert (default["HOST"], default["PORT"], default["NAME"]) == ("h", 5, "n")
    assert default["OPTIONS"]["pool"]["max_size"] == 7
    assert default["CONN_MAX_AGE"] == 0


def test_nobody_gets_a_connection_of_before_an_outage_nor_waits_long_after_it():
    default = environment.databases({"DATABASE_URL": "postgres://u:p@h:5/n"}, VAR)["default"]
    assert default["CONN_HEALTH_CHECKS"]
    assert default["OPTIONS"]["pool"]["reconnect_timeout"] < default["OPTIONS"]["pool"]["timeout"]


def test_no_cursor_outlives_its_transaction_unless_the_url_says_so():
    url = "postgres://u:p@h:5/n"
    assert environment.databases({"DATABASE_URL": url}, VAR)["default"]["DISABLE_SERVER_SIDE_CURSORS"]
    url += "?DISABLE_SERVER_SIDE_CURSORS=False"
    assert not environment.databases({"DATABASE_URL": url}, VAR)["default"]["DISABLE_SERVER_SIDE_CURSORS"]


def test_without_redis_the_layer_is_in_memory():
    assert environment.channel_layers({})["default"]["BACKEND"] == "channels.layers.InMemoryChannelLayer"


def test_tls_is_verified_unless_it_is_told_not_to():
    def host(**env: str):
        return environment.channel_layers(env)["default"]["CONFIG"]["hosts"][0]

    assert host(REDIS_URL="rediss://h")["ssl_cert_reqs"] == "required"
    assert host(REDIS_URL="rediss://h", REDIS_TLS_VERIFY="none")["ssl_cert_reqs"] is None
    assert "ssl_cert_reqs" not in host(REDIS_URL="redis://h")


def test_two_sites_on_one_redis_can_be_told_apart():
    layer = environment.channel_layers({"REDIS_URL": "redis://h", "CHANNEL_PREFIX": "other"})
    assert layer["default"]["CONFIG"]["prefix"] == "other"


def test_mail_goes_to_files_unless_a_server_or_a_provider_is_named():
    assert environment.email({}, VAR)["EMAIL_FILE_PATH"] == VAR / "mail"
    smtp = environment.email({"EMAIL_URL": "smtp+tls://u:p@h:587"}, VAR)
    assert (smtp["EMAIL_HOST"], smtp["EMAIL_PORT"], smtp["EMAIL_USE_TLS"]) == ("h", 587, True)
    assert smtp["EMAIL_TIMEOUT"] == 10


def test_a_provider_gets_its_own_variables():
    mail = environment.email({"EMAIL_PROVIDER": "Mailgun", "MAILGUN_API_KEY": "k", "ANYMAIL_X": "y"}, VAR)
    assert mail["EMAIL_BACKEND"] == "anymail.backends.mailgun.EmailBackend"
    assert mail["ANYMAIL"] == {"REQUESTS_TIMEOUT": 10, "MAILGUN_API_KEY": "k", "X": "y"}


def test_logs_are_lines_of_text_unless_json_is_asked_for():
    for env, format, filters in (({}, "line", []), ({"LOG_FORMAT": "JSON"}, "json", ["job"])):
        console = environment.logging(env)["handlers"]["console"]
        assert (console["formatter"], console["filters"]) == (format, filters)


def test_a_bucket_serves_private_addresses():
    default = environment.storages({"S3_BUCKET": "b", "S3_REGION": "eu-1"}, debug=False)["default"]
    assert default["OPTIONS"]["querystring_auth"] is True
    assert default["OPTIONS"]["region_name"] == "eu-1"
    assert default["OPTIONS"]["file_overwrite"] is False


def test_direct_uploads_need_a_bucket():
    assert environment.direct_uploads({}) is False
    assert environment.direct_uploads({"S3_BUCKET": "b", "S3_DIRECT_UPLOADS": "1"}) is True
    with pytest.raises(ImproperlyConfigured, match="S3_BUCKET"):
        environment.direct_uploads({"S3_DIRECT_UPLOADS": "1"})
