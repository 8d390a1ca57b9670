"""Real servers for tests and benchmarks: Apache Kafka, Valkey or Redis, and the embedded broker."""
