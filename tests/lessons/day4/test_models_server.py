"""The notebook's shelf of models on a full MLflow server, whose files lie in a bucket.

The course installs `mlflow-skinny`, which has no server. A full one is put into an environment of
its own, which borrows what it shares with ours.
"""

import contextlib
import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import boto3
import numpy as np
import pytest
from servers import bucket_server, clean, free_port, listening

from vaxlab.errors import CourseError
from vaxlab.lessons.day4 import monday

# It installs a server for itself, which takes a minute.
pytestmark = pytest.mark.play

BUCKET = "models"
KEYS = {"AWS_ACCESS_KEY_ID": "anybody", "AWS_SECRET_ACCESS_KEY": "anything"}
# What a server needs beside what the course has.
MORE = ("graphene==3.4.3", "graphql-core==3.3.2", "graphql-relay==3.2.0", "huey==3.5.4")


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Path:
    """A Python that has the full MLflow, of the version that the course has."""
    folder = tmp_path_factory.mktemp("mlflow")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "ours.pth").write_text(sysconfig.get_path("purelib") + "\n")
    wanted = [f"{name}=={version('mlflow-skinny')}" for name in ("mlflow", "mlflow-tracing")]
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps"]
    done = subprocess.run([*pip, *wanted, *MORE], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"the full MLflow could not be installed: {done.stderr[-300:]}")
    return python


@pytest.fixture(scope="module")
def bucket(tmp_path_factory) -> Iterator[str]:
    """The address of a server of buckets, with one for models."""
    with bucket_server(tmp_path_factory.mktemp("moto")) as address:
        _s3(address).create_bucket(Bucket=BUCKET)
        yield address


def _s3(address: str):
    return boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="anybody",
        aws_secret_access_key="anything",
    )


@contextlib.contextmanager
def served(program: Path, bucket: str, folder: Path, port: int) -> Iterator[str]:
    """Run a server of models, whose runs lie in a folder and whose files in a bucket."""
    command = [str(program), "-m", "mlflow", "server", "--host", "127.0.0.1", "--workers", "1"]
    command += ["--port", str(port), "--backend-store-uri", f"sqlite:///{folder}/runs.db"]
    command += ["--artifacts-destination", f"s3://{BUCKET}"]
    environment = clean(os.environ) | KEYS | {"MLFLOW_S3_ENDPOINT_URL": bucket}
    environment |= {"MLFLOW_DISABLE_TELEMETRY": "true", "AWS_DEFAULT_REGION": "us-east-1"}
    with listening(
        command, port, folder / "log", limit_s=240, env=environment, cwd=folder
    ) as address:
        yield address


def logged(model) -> dict[str, str]:
    """Log a model as the notebook does; return where it is kept."""
    import mlflow

    with mlflow.start_run() as run:
        kept = mlflow.sklearn.log_model(model, name="model", pip_requirements=[])
    return {"source": kept.model_uri, "model_id": kept.model_id, "run_id": run.info.run_id}


@pytest.mark.timeout(900)
def test_the_same_code_works_on_a_server_that_goes_away_and_comes_back(
    program, bucket, tmp_path, monkeypatch
):
    table, port = monday.history(), free_port()
    model = monday.model(table)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
    with served(program, bucket, tmp_path, port):
        first, second = monday.open_shelf(), monday.open_shelf()
        where = logged(model)
        number = first.create_model_version("doses", **where).version
        monday.seal(first, "doses", number)
        first.set_registered_model_alias("doses", "champion", number)
        found = monday.take(second, "doses", "champion")
        np.testing.assert_array_equal(monday.misses(found, table), monday.misses(model, table))
        kept = _s3(bucket).list_objects_v2(Bucket=BUCKET)["Contents"]
        assert any(thing["Key"].endswith("MLmodel") for thing in kept)

        with ThreadPoolExecutor(2) as pool:  # two runs take one name at once
            both = [
                pool.submit(client.create_model_version, "doses", **where)
                for client in (first, second)
            ]
        assert {int(one.result().version) for one in both} == {int(number) + 1, int(number) + 2}

    with pytest.raises(CourseError, match="does not answer"):
        monday.open_shelf()

    with served(program, bucket, tmp_path, port):
        again = monday.open_shelf()
        assert len(monday.shelf(again, "doses")) == 3
        found = monday.take(again, "doses", "champion")
        np.testing.assert_array_equal(monday.misses(found, table), monday.misses(model, table))
