# wirewatch's image: Airflow, the library and the DAGs; nothing that only developers need.
FROM python:3.11.13-slim-bookworm AS packages
WORKDIR /build
COPY requirements.lock pyproject.toml ./
# uv itself comes out of the lock, with its hashes, by pip. It takes from the lock what the project
# needs without its development tools, and compares their hashes.
RUN awk '/^uv==/ { on = 1 } on && !/^(uv==|    --hash)/ { exit } on' requirements.lock > uv.lock \
    && pip install --no-cache-dir --no-deps --require-hashes -r uv.lock \
    && uv venv /opt/venv \
    && uv pip install --python /opt/venv --no-cache --compile-bytecode \
        --constraint requirements.lock -r pyproject.toml \
        --extra celery --extra parquet --extra apprise

FROM python:3.11.13-slim-bookworm
# The user and group that the official Airflow chart expects.
RUN useradd --uid 50000 --gid 0 --create-home wirewatch
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    AIRFLOW_HOME=/opt/airflow \
    PYTHONPATH=/opt/airflow/plugins \
    WIREWATCH_ROOT=/opt/airflow \
    WIREWATCH_STATE=/var/lib/wirewatch
WORKDIR /opt/airflow
COPY plugins plugins
COPY dags dags
# What is here counts where nothing is mounted over it.
COPY config config
RUN printf '#!/opt/venv/bin/python\nfrom wirewatch.cli import main\nmain()\n' > /opt/venv/bin/wirewatch \
    && chmod 755 /opt/venv/bin/wirewatch \
    && python -m compileall -q plugins dags \
    && mkdir -p logs auth /var/lib/wirewatch \
    && chown -R wirewatch:root /opt/airflow /var/lib/wirewatch \
    && chmod -R g=u /opt/airflow /var/lib/wirewatch
USER wirewatch
