import ssl
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from kafka.admin import KafkaAdminClient

from streams.kafka_settings import SecretError, client_settings
from streams.models.settings import Kafka, Sasl, Tls


def test_plain():
    assert client_settings(Kafka(bootstrap="a:1, b:2")) == {
        "bootstrap_servers": ["a:1", "b:2"],
        "security_protocol": "PLAINTEXT",
    }


def test_tls_and_sasl(tmp_path: Path):
    (tmp_path / "secret").write_text("öffne dich\n", "utf-8")
    sasl = Sasl(username="tocsin", password_file=str(tmp_path / "secret"))

    found = client_settings(Kafka(tls=Tls(), sasl=sasl))

    assert found["security_protocol"] == "SASL_SSL"
    assert found["ssl_context"].verify_mode is ssl.CERT_REQUIRED
    assert found["ssl_context"].check_hostname
    assert (found["sasl_mechanism"], found["sasl_plain_username"], found["sasl_plain_password"]) == (
        "SCRAM-SHA-256",
        "tocsin",
        "öffne dich",
    )


def test_the_password_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECRET", "x")

    found = client_settings(Kafka(sasl=Sasl(username="u", password_env="SECRET")))

    assert (found["security_protocol"], found["sasl_plain_password"]) == ("SASL_PLAINTEXT", "x")


@pytest.mark.parametrize(
    ("kafka", "words"),
    [
        (Kafka(sasl=Sasl(username="u", password_env="NOT_SET_ANYWHERE")), "set the variable NOT_SET_ANYWHERE"),
        (Kafka(sasl=Sasl(username="u", password_file="/no/such/file")), "password_file.*/no/such/file"),
        (Kafka(tls=Tls(ca_file="/no/such/ca.pem")), "kafka.tls.*/no/such/ca.pem"),
    ],
)
def test_a_secret_that_is_not_there_is_said(kafka: Kafka, words: str):
    with pytest.raises(SecretError, match=words):
        client_settings(kafka)


async def test_both_clients_know_every_argument(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KAFKA_PASSWORD", "x")
    settings = client_settings(Kafka(tls=Tls(), sasl=Sasl(username="u")))

    AIOKafkaProducer(**settings)
    assert settings.keys() <= KafkaAdminClient.DEFAULT_CONFIG.keys()
