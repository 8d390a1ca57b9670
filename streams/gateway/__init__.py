"""Outside to `readings` and `reports`: HTTP, MQTT, files. What is refused here is answered and goes to `rejects`."""
