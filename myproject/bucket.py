"""How the S3 client of the storage behaves: streams, signs, and does not wait for long."""

from typing import Any

ONE_REQUEST = 1024**3
"""Bytes that are sent from the file in a single request; in parts, each part would be held in memory."""


def bucket_options(bucket: str) -> dict[str, Any]:
    """The OPTIONS of ``S3Storage``, but for keys and addresses."""
    # Only where a bucket is: they take a moment to import.
    from boto3.s3.transfer import TransferConfig
    from botocore.config import Config

    client = Config(
        # Also what newer regions and the policies of direct uploads need.
        signature_version="s3v4",
        # A request waits for it, or a worker's slot; the task is tried again later anyway.
        connect_timeout=5,
        read_timeout=20,
        retries={"mode": "standard", "total_max_attempts": 2},
        # The newer checksums are refused by other S3-like services.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return {
        "bucket_name": bucket,
        "file_overwrite": False,
        "default_acl": None,
        "querystring_auth": True,
        "client_config": client,
        "transfer_config": TransferConfig(multipart_threshold=ONE_REQUEST, use_threads=False),
        # What is read beyond it lies in a temporary file.
        "max_memory_size": 1024**2,
    }
