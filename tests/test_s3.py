"""Data sets in a bucket: read from a real S3-compatible server on loopback."""

import os
import subprocess
import sys
import urllib.request

import boto3
import pandas as pd
import pytest
from servers import bucket_server, clean, free_port

from vaxlab import data
from vaxlab.errors import CourseError

BUCKET, PREFIX = "plant", "six/years"
NO_AUTH = {"AWS_ACCESS_KEY_ID": "anybody", "AWS_SECRET_ACCESS_KEY": "anything"}


def ask_for_keys(endpoint, *, after):
    """Let the server look at keys, from so many requests on."""
    url, body = f"{endpoint}/moto-api/reset-auth", str(after).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "text/plain"}, method="POST")
    urllib.request.urlopen(request, timeout=30).close()


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    """The address of a server that runs as long as this module's tests."""
    with bucket_server(tmp_path_factory.mktemp("moto")) as address:
        yield address


@pytest.fixture(scope="module")
def reader(endpoint, checkout):
    """Keys of somebody who may read the bucket; from here on the server asks for keys."""
    options = {
        "endpoint_url": endpoint,
        "region_name": "us-east-1",
        "aws_access_key_id": "root",
        "aws_secret_access_key": "root",
    }
    s3, iam = boto3.client("s3", **options), boto3.client("iam", **options)
    s3.create_bucket(Bucket=BUCKET)
    for path in (checkout / "datasets").rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            name = path.relative_to(checkout / "datasets").as_posix()
            s3.put_object(Bucket=BUCKET, Key=f"{PREFIX}/{name}", Body=path.read_bytes())
    iam.create_user(UserName="learner")
    statement = '{"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*"}'
    iam.put_user_policy(
        UserName="learner",
        PolicyName="reads",
        PolicyDocument=f'{{"Version": "2012-10-17", "Statement": [{statement}]}}',
    )
    key = iam.create_access_key(UserName="learner")["AccessKey"]
    ask_for_keys(endpoint, after=0)
    return {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }


@pytest.fixture
def use(endpoint, monkeypatch):
    """Set what a learner would set: where, and with which keys."""
    import s3fs

    def set_up(keys, url=f"s3://{BUCKET}/{PREFIX}", at=endpoint):
        for name in [n for n in os.environ if n.startswith(("AWS_", "FSSPEC_"))]:
            monkeypatch.delenv(name)
        settings = clean({}) | keys | {"AWS_ENDPOINT_URL": at, "VAXLAB_DATA": url}
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        # fsspec keeps connections by address, and would keep those of other keys.
        s3fs.S3FileSystem.clear_instance_cache()

    yield set_up
    s3fs.S3FileSystem.clear_instance_cache()


def test_a_bucket_is_read_like_a_folder(reader, use, checkout, monkeypatch):
    monkeypatch.setenv("VAXLAB_DATA", str(checkout / "datasets"))
    local = {name: data.load(name) for name in data.DATA_SETS}
    use(reader)
    for name, table in local.items():
        pd.testing.assert_frame_equal(data.load(name), table)
    assert data.describe("batches").startswith("# Batch record")


def test_the_endpoint_may_stand_in_fsspecs_own_variable(reader, use, endpoint, tmp_path):
    use(reader)
    code = "from vaxlab import data; print(len(data.load('batches')))"
    environment = clean(os.environ) | reader | {"FSSPEC_S3_ENDPOINT_URL": endpoint}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.strip() == "360", done.stderr


def test_a_bucket_may_be_kept_on_the_learners_disk(reader, use):
    use(reader, f"simplecache::s3://{BUCKET}/{PREFIX}")
    assert len(data.load("batches")) == 360


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"AWS_ACCESS_KEY_ID": "AKIAWRONG", "AWS_SECRET_ACCESS_KEY": "x"}, "access is denied"),
        ({}, "credentials"),
    ],
)
def test_wrong_and_missing_keys_are_told_in_one_sentence(reader, use, keys, says, tmp_path):
    use(keys | {"AWS_SHARED_CREDENTIALS_FILE": os.devnull})
    with pytest.raises(CourseError, match=f"manifest.json cannot be read: .*{says}") as caught:
        data.load("batches")
    assert "\n" not in str(caught.value)
    assert "Check the" in str(caught.value)


def test_a_wrong_secret_is_told(reader, use):
    use(reader | {"AWS_SECRET_ACCESS_KEY": "x"})
    with pytest.raises(CourseError, match="access is denied"):
        data.load("batches")


@pytest.mark.parametrize("url", [f"s3://{BUCKET}/elsewhere", "s3://no-such-bucket/data"])
def test_a_bucket_without_data_is_told(reader, use, url):
    use(reader, url)
    with pytest.raises(CourseError, match=f"No data sets in {url}: expected manifest.json"):
        data.load("batches")


def test_a_host_that_does_not_answer_is_told(reader, use):
    use(reader, at=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(CourseError, match=r"cannot be read: .*127\.0\.0\.1.*Check the"):
        data.load("batches")


def test_a_damaged_file_in_the_bucket_is_told(reader, use, endpoint, checkout):
    manifest = (checkout / "datasets" / "manifest.json").read_bytes()
    boto = {"endpoint_url": endpoint, "region_name": "us-east-1"}
    use(reader)
    ask_for_keys(endpoint, after=2)
    s3 = boto3.client("s3", **boto)
    s3.put_object(Bucket=BUCKET, Key="damaged/manifest.json", Body=manifest)
    s3.put_object(Bucket=BUCKET, Key="damaged/batches.csv", Body=b"batch_id\n")
    use(reader, f"s3://{BUCKET}/damaged")
    with pytest.raises(CourseError, match=r"batches\.csv was changed or damaged.*found 9 bytes"):
        data.load("batches")
    with pytest.raises(CourseError, match=r"harvest_assays\.csv is missing"):
        data.load("harvest_assays")
