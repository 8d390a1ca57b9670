# Tocsin as an image: `docker build -t tocsin .` Every role is the same image with another command.

FROM python:3.11-slim AS build
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
WORKDIR /app
# Build arguments reach pip: a mirror is the business of whoever builds (--build-arg PIP_INDEX_URL=…).
ARG PIP_INDEX_URL
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
# What others wrote changes less often than what we write: two layers.
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-cache --no-default-groups --no-install-project
COPY README.md LICENSE ./
COPY detectors detectors
COPY streams streams
RUN uv sync --frozen --no-cache --no-default-groups --no-editable

FROM python:3.11-slim
LABEL org.opencontainers.image.title="Tocsin" \
      org.opencontainers.image.description="Real-time event monitor and early-warning stream processor" \
      org.opencontainers.image.licenses="Apache-2.0"
# A fixed number: whoever mounts a volume must know whose it is. /var/lib/tocsin is all that a process may write to.
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin tocsin \
 && install -d -o tocsin -g tocsin /var/lib/tocsin /var/lib/tocsin/audit
COPY --from=build /app/.venv /app/.venv
COPY configs /app/configs
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 TOCSIN_CONFIG=/app/configs
WORKDIR /var/lib/tocsin
USER 10001
ENTRYPOINT ["tocsin"]
CMD ["--help"]
