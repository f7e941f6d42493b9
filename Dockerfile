# `dawnwatch serve` in a container: docs/serve.md says how it is run. Only what .dockerignore lets through is copied.
FROM python:3.13-slim AS build
RUN python -m venv /opt/dawnwatch
ENV PATH="/opt/dawnwatch/bin:$PATH"
WORKDIR /src
# First what is pinned: the largest layer by far, and the one that changes least.
COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --requirement requirements.txt
COPY LICENSE README.md pyproject.toml ./
COPY shared ./shared
RUN pip install --no-cache-dir --disable-pip-version-check --no-deps .

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Dawnwatch" \
      org.opencontainers.image.description="Watches what a tenant's daily data depends on" \
      org.opencontainers.image.licenses="MIT"
RUN useradd --uid 10001 --no-log-init --no-create-home --shell /usr/sbin/nologin dawnwatch \
    && install -d -m 0750 -o dawnwatch -g dawnwatch /var/lib/dawnwatch
COPY --from=build /opt/dawnwatch /opt/dawnwatch
# The configuration is mounted, read-only; the ledger is all that is ever written.
ENV PATH="/opt/dawnwatch/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DAWNWATCH_CONFIG=/etc/dawnwatch/dawnwatch.toml \
    DAWNWATCH_LEDGER=/var/lib/dawnwatch/dawnwatch.db
VOLUME /var/lib/dawnwatch
WORKDIR /var/lib/dawnwatch
USER 10001:10001
# No HEALTHCHECK: a process that ended is seen without one, and what it found, or could not read, is no reason to kill it.
ENTRYPOINT ["dawnwatch"]
CMD ["serve"]
