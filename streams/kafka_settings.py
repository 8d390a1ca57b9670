"""How every client of ours reaches Kafka: the same keyword arguments for kafka-python and for aiokafka."""

import os
import ssl
from pathlib import Path
from typing import Any

from streams.models.settings import Kafka, Sasl, Tls


class SecretError(RuntimeError):
    """A password or certificate that app.yaml names is not there."""


def client_settings(kafka: Kafka) -> dict[str, Any]:
    """Address, TLS and SASL. Raises SecretError."""
    settings: dict[str, Any] = {
        "bootstrap_servers": [address.strip() for address in kafka.bootstrap.split(",") if address.strip()],
        "security_protocol": security_protocol(kafka),
    }
    if kafka.tls is not None:
        settings["ssl_context"] = ssl_context(kafka.tls)
    if kafka.sasl is not None:
        settings |= {
            "sasl_mechanism": kafka.sasl.mechanism,
            "sasl_plain_username": kafka.sasl.username,
            "sasl_plain_password": password(kafka.sasl),
        }
    return settings


def security_protocol(kafka: Kafka) -> str:
    """Kafka's name for what is on: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."""
    plain = "PLAINTEXT" if kafka.tls is None else "SSL"
    return plain if kafka.sasl is None else f"SASL_{plain}"


def ssl_context(tls: Tls) -> ssl.SSLContext:
    """The broker's certificate is always checked; with cert_file we show one of our own. Raises SecretError."""
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
        if tls.cert_file:
            context.load_cert_chain(tls.cert_file, tls.key_file)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        files = ", ".join(name for name in (tls.ca_file, tls.cert_file, tls.key_file) if name)
        raise SecretError(f"kafka.tls: {error} ({files or 'the system certificates'})") from error
    return context


def password(sasl: Sasl) -> str:
    """The password, from its file if one is named, else from its environment variable. Raises SecretError."""
    if sasl.password_file is not None:
        try:
            return Path(sasl.password_file).read_text(encoding="utf-8").strip("\r\n")
        except (OSError, ValueError) as error:
            raise SecretError(f"kafka.sasl.password_file: {error}") from error
    found = os.environ.get(sasl.password_env)
    if not found:
        raise SecretError(
            f"kafka.sasl: no password: set the variable {sasl.password_env}, or name a file in kafka.sasl.password_file"
        )
    return found
