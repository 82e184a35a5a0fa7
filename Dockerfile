# syntax=docker/dockerfile:1
# The program with what it needs, run by an account that owns nothing but its data folder.

FROM python:3.13-slim AS build
COPY --from=ghcr.io/astral-sh/uv:0.13.9 /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /source
COPY pyproject.toml uv.lock ./
RUN uv export --frozen --no-dev --no-emit-project --output-file /requirements.txt \
    && uv venv /opt/audiospective \
    && uv pip install --python /opt/audiospective --require-hashes --requirement /requirements.txt
COPY README.md LICENSE ./
COPY src ./src
RUN uv build --wheel --out-dir /dist && uv pip install --python /opt/audiospective --no-deps /dist/*.whl

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/audiospective audiospective
COPY --from=build /opt/audiospective /opt/audiospective
COPY --chmod=0755 packaging/entrypoint.sh /usr/local/bin/audiospective-entrypoint
ENV PATH=/opt/audiospective/bin:$PATH AUDIOSPECTIVE_HOME=/var/lib/audiospective PYTHONUNBUFFERED=1
USER 10001
WORKDIR /var/lib/audiospective
VOLUME /var/lib/audiospective
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=3s --start-period=60s CMD ["audiospective-entrypoint", "healthy"]
ENTRYPOINT ["audiospective-entrypoint"]
CMD ["up"]
