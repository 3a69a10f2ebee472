"""Verifies a role as `rolecall verify` does in mode `direct`, with boto3 and a pool of threads: what tests/bench
compares with.

    bench_boto3.py URL THREADS ROLE EXTERNAL_ID ACCOUNT...

The same calls in the same order for each account. One client for each account and identity, as a script would
make them, built from one session so that the service models are read once.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL, THREADS, ROLE, EXTERNAL_ID, *ACCOUNTS = sys.argv[1:]
CONFIG = Config(max_pool_connections=int(THREADS), retries={"max_attempts": 8, "mode": "standard"})
SESSION = boto3.Session(region_name="us-east-1")
STS = SESSION.client("sts", endpoint_url=URL, config=CONFIG)


def enter(account, role, **more):
    arn = f"arn:aws:iam::{account}:role/{role}"
    return STS.assume_role(RoleArn=arn, RoleSessionName="bench", DurationSeconds=900, **more)["Credentials"]


def client(service, credentials):
    return SESSION.client(
        service,
        endpoint_url=URL,
        config=CONFIG,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def is_refused(account, **more):
    try:
        enter(account, ROLE, **more)
    except ClientError as error:
        return error.response["Error"]["Code"] == "AccessDenied"
    return False


def is_verified(account):
    entered = client("sts", enter(account, ROLE, ExternalId=EXTERNAL_ID))
    is_expected = entered.get_caller_identity()["Account"] == account
    refuses = is_refused(account) and is_refused(account, ExternalId="deliberately-wrong")
    iam = client("iam", enter(account, "OrganizationAccountAccessRole"))
    role = iam.get_role(RoleName=ROLE)["Role"]
    attached = iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]
    for name in iam.list_role_policies(RoleName=ROLE)["PolicyNames"]:
        iam.get_role_policy(RoleName=ROLE, PolicyName=name)
    return is_expected and refuses and role["MaxSessionDuration"] == 3600 and len(attached) == 1


with ThreadPoolExecutor(int(THREADS)) as pool:
    verified = sum(pool.map(is_verified, ACCOUNTS))
print(verified)
