//! AWS managed policies: the names that can be attached, and what they allow of the calls simulated here.
//!
//! The documents are not AWS's texts, which run to thousands of actions and change every month. They decide the
//! simulated calls as AWS's do: what `ReadOnlyAccess` lets through and what it does not.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use crate::document::Document;

const READ_IAM: &[&str] =
    &["iam:Get*", "iam:List*", "iam:GenerateCredentialReport", "iam:GenerateServiceLastAccessedDetails"];
const READ_ORGANIZATIONS: &[&str] = &["organizations:Describe*", "organizations:List*"];
const READ_CLOUDFORMATION: &[&str] = &[
    "cloudformation:Describe*",
    "cloudformation:Detect*",
    "cloudformation:EstimateTemplateCost",
    "cloudformation:Get*",
    "cloudformation:List*",
    "cloudformation:ValidateTemplate",
];

/// Name with its path, and the actions it allows on every resource, in groups.
const POLICIES: &[(&str, &[&[&str]])] = &[
    ("AdministratorAccess", &[&["*"]]),
    ("AlexaForBusinessReadOnlyAccess", &[&["a4b:Get*", "a4b:List*", "a4b:Search*"]]),
    ("AmazonAPIGatewayAdministrator", &[&["apigateway:*"]]),
    ("AmazonAthenaFullAccess", &[&["athena:*"]]),
    (
        "AmazonCognitoReadOnly",
        &[&["cognito-identity:Describe*", "cognito-identity:Get*", "cognito-identity:List*"]],
    ),
    ("AmazonDetectiveMemberAccess", &[&["detective:AcceptInvitation", "detective:List*"]]),
    ("AmazonDynamoDBFullAccess", &[&["dynamodb:*"]]),
    (
        "AmazonDynamoDBReadOnlyAccess",
        &[&["dynamodb:Describe*", "dynamodb:Get*", "dynamodb:List*", "dynamodb:Query", "dynamodb:Scan"]],
    ),
    ("AmazonEC2ContainerRegistryFullAccess", &[&["ecr:*"]]),
    (
        "AmazonEC2ContainerRegistryReadOnly",
        &[&["ecr:BatchGetImage", "ecr:Describe*", "ecr:Get*", "ecr:List*"]],
    ),
    ("AmazonEC2FullAccess", &[&["ec2:*"]]),
    ("AmazonEC2ReadOnlyAccess", &[&["ec2:Describe*", "ec2:Get*"]]),
    ("AmazonECS_FullAccess", &[&["ecs:*"]]),
    ("AmazonEKSClusterPolicy", &[&["eks:UpdateClusterVersion", "ec2:Describe*"]]),
    ("AmazonElastiCacheReadOnlyAccess", &[&["elasticache:Describe*", "elasticache:List*"]]),
    ("AmazonGuardDutyFullAccess", &[&["guardduty:*"]]),
    (
        "AmazonGuardDutyReadOnlyAccess",
        &[&["guardduty:Describe*", "guardduty:Get*", "guardduty:List*"], READ_ORGANIZATIONS],
    ),
    (
        "AmazonInspector2ReadOnlyAccess",
        &[&["inspector2:BatchGet*", "inspector2:Get*", "inspector2:List*"], READ_ORGANIZATIONS],
    ),
    ("AmazonMacieReadOnlyAccess", &[&["macie2:Describe*", "macie2:Get*", "macie2:List*"]]),
    ("AmazonRDSFullAccess", &[&["rds:*"]]),
    ("AmazonRDSReadOnlyAccess", &[&["rds:Describe*", "rds:ListTagsForResource"]]),
    ("AmazonRedshiftReadOnlyAccess", &[&["redshift:Describe*", "redshift:View*"]]),
    ("AmazonRoute53ReadOnlyAccess", &[&["route53:Get*", "route53:List*", "route53:TestDNSAnswer"]]),
    ("AmazonS3FullAccess", &[&["s3:*"]]),
    ("AmazonS3ReadOnlyAccess", &[&["s3:Describe*", "s3:Get*", "s3:List*"]]),
    ("AmazonSNSFullAccess", &[&["sns:*"]]),
    ("AmazonSNSReadOnlyAccess", &[&["sns:Get*", "sns:List*"]]),
    ("AmazonSQSFullAccess", &[&["sqs:*"]]),
    ("AmazonSQSReadOnlyAccess", &[&["sqs:Get*", "sqs:List*"]]),
    (
        "AmazonSSMManagedInstanceCore",
        &[&["ssm:GetParameter", "ssm:UpdateInstanceInformation", "ssmmessages:*", "ec2messages:*"]],
    ),
    ("AmazonSSMReadOnlyAccess", &[&["ssm:Describe*", "ssm:Get*", "ssm:List*"]]),
    ("AmazonVPCReadOnlyAccess", &[&["ec2:Describe*", "ec2:Get*"]]),
    ("AWSAccountManagementReadOnlyAccess", &[&["account:Get*", "account:List*"]]),
    ("AWSBackupFullAccess", &[&["backup:*"]]),
    ("AWSBillingReadOnlyAccess", &[&["aws-portal:View*", "billing:Get*", "billing:List*"]]),
    ("AWSCertificateManagerReadOnly", &[&["acm:Describe*", "acm:Get*", "acm:List*"]]),
    ("AWSCloudFormationFullAccess", &[&["cloudformation:*"]]),
    ("AWSCloudFormationReadOnlyAccess", &[READ_CLOUDFORMATION]),
    ("AWSCloudTrail_FullAccess", &[&["cloudtrail:*"]]),
    (
        "AWSCloudTrail_ReadOnlyAccess",
        &[&["cloudtrail:Describe*", "cloudtrail:Get*", "cloudtrail:List*", "cloudtrail:LookupEvents"]],
    ),
    ("AWSConfigUserAccess", &[&["config:Describe*", "config:Get*", "config:List*"]]),
    ("AWSHealthFullAccess", &[&["health:*"]]),
    ("AWSIAMAccessAnalyzerReadOnlyAccess", &[&["access-analyzer:Get*", "access-analyzer:List*"]]),
    ("AWSKeyManagementServicePowerUser", &[&["kms:CreateKey", "kms:Describe*", "kms:Get*", "kms:List*"]]),
    ("AWSLambda_FullAccess", &[&["lambda:*"], READ_CLOUDFORMATION]),
    ("AWSLambda_ReadOnlyAccess", &[&["lambda:Get*", "lambda:List*"], READ_CLOUDFORMATION]),
    (
        "AWSNetworkManagerReadOnlyAccess",
        &[&["networkmanager:Describe*", "networkmanager:Get*", "networkmanager:List*"]],
    ),
    ("AWSOrganizationsFullAccess", &[&["organizations:*", "account:*"]]),
    ("AWSOrganizationsReadOnlyAccess", &[READ_ORGANIZATIONS]),
    (
        "AWSResourceExplorerReadOnlyAccess",
        &[&["resource-explorer-2:Get*", "resource-explorer-2:List*", "resource-explorer-2:Search"]],
    ),
    ("AWSSecurityHubFullAccess", &[&["securityhub:*"]]),
    (
        "AWSSecurityHubReadOnlyAccess",
        &[&["securityhub:BatchGet*", "securityhub:Describe*", "securityhub:Get*", "securityhub:List*"]],
    ),
    ("AWSStepFunctionsReadOnlyAccess", &[&["states:Describe*", "states:Get*", "states:List*"]]),
    ("AWSSupportAccess", &[&["support:*"]]),
    ("AWSWAFReadOnlyAccess", &[&["waf:Get*", "waf:List*", "wafv2:Get*", "wafv2:List*"]]),
    ("AWSXrayReadOnlyAccess", &[&["xray:BatchGet*", "xray:Get*"]]),
    ("CloudWatchFullAccess", &[&["cloudwatch:*", "logs:*"]]),
    (
        "CloudWatchLogsReadOnlyAccess",
        &[&["logs:Describe*", "logs:FilterLogEvents", "logs:Get*", "logs:List*"]],
    ),
    ("CloudWatchReadOnlyAccess", &[&["cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*"]]),
    (
        "IAMAccessAdvisorReadOnly",
        &[&["iam:GenerateServiceLastAccessedDetails", "iam:List*"], READ_ORGANIZATIONS],
    ),
    ("IAMFullAccess", &[&["iam:*"], READ_ORGANIZATIONS]),
    ("IAMReadOnlyAccess", &[READ_IAM, &["iam:SimulateCustomPolicy", "iam:SimulatePrincipalPolicy"]]),
    ("IAMUserChangePassword", &[&["iam:ChangePassword", "iam:GetAccountPasswordPolicy"]]),
    ("PowerUserAccess", POWER_USER),
    ("ReadOnlyAccess", READ_ONLY),
    (
        "ResourceGroupsandTagEditorReadOnlyAccess",
        &[&["resource-groups:Get*", "resource-groups:List*", "tag:Get*"]],
    ),
    ("SecretsManagerReadWrite", &[&["secretsmanager:*"]]),
    (
        "SecurityAudit",
        &[
            READ_IAM,
            READ_ORGANIZATIONS,
            READ_STACKS,
            &[
                "ec2:Describe*",
                "s3:GetBucket*",
                "s3:ListAllMyBuckets",
                "cloudtrail:Describe*",
                "cloudtrail:GetTrailStatus",
                "config:Describe*",
                "kms:Describe*",
                "lambda:Get*",
                "lambda:List*",
            ],
        ],
    ),
    (
        "aws-service-role/CloudFormationStackSetsOrgAdminServiceRolePolicy",
        &[READ_ORGANIZATIONS, &["sts:AssumeRole"]],
    ),
    ("aws-service-role/CloudFormationStackSetsOrgMemberServiceRolePolicy", &[&["iam:*"]]),
    ("job-function/Billing", &[&["aws-portal:*", "budgets:*", "ce:*"]]),
    ("job-function/DatabaseAdministrator", &[&["rds:*", "dynamodb:*", "redshift:*"]]),
    ("job-function/NetworkAdministrator", &[&["ec2:*Vpc*", "ec2:Describe*", "route53:*"]]),
    ("job-function/SupportUser", &[&["support:*"], READ_CLOUDFORMATION]),
    ("job-function/SystemAdministrator", &[&["cloudwatch:*", "ec2:*", "ssm:*"]]),
    (
        "job-function/ViewOnlyAccess",
        &[
            &["iam:GetAccountSummary", "iam:List*"],
            &["cloudformation:DescribeStacks", "cloudformation:List*"],
            &[
                "ec2:Describe*",
                "s3:ListAllMyBuckets",
                "s3:ListBucket",
                "lambda:List*",
                "organizations:List*",
                "organizations:Describe*",
            ],
        ],
    ),
    ("service-role/AWSConfigRole", &[&["config:Put*"], READ_IAM]),
    (
        "service-role/AWSLambdaBasicExecutionRole",
        &[&["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]],
    ),
];

const READ_STACKS: &[&str] = &[
    "cloudformation:DescribeStack*",
    "cloudformation:GetStackPolicy",
    "cloudformation:GetTemplate",
    "cloudformation:ListStack*",
];

const READ_ONLY: &[&[&str]] = &[
    READ_IAM,
    &["iam:SimulateCustomPolicy", "iam:SimulatePrincipalPolicy"],
    READ_ORGANIZATIONS,
    READ_CLOUDFORMATION,
    &["sts:GetAccessKeyInfo", "sts:GetCallerIdentity", "sts:GetSessionToken"],
    &["ec2:Describe*", "ec2:Get*", "s3:Get*", "s3:List*", "lambda:Get*", "lambda:List*", "rds:Describe*"],
];

/// `PowerUserAccess` is written with `NotAction` by AWS; the calls of this world that it leaves are these.
const POWER_USER: &[&[&str]] = &[
    &["cloudformation:*", "sts:*", "ec2:*", "s3:*", "lambda:*", "rds:*", "dynamodb:*"],
    &["iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole", "iam:ListRoles"],
    &["organizations:DescribeOrganization"],
];

/// Every policy by ARN.
pub(super) fn documents() -> BTreeMap<String, Arc<Document>> {
    let document = |(name, groups): &(&str, &[&[&str]])| {
        let text = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": groups.concat(), "Resource": "*"},
        ]});
        let document = Document::parse(&text.to_string()).expect("the table holds well-formed actions");
        (format!("arn:aws:iam::aws:policy/{name}"), Arc::new(document))
    };
    POLICIES.iter().map(document).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorization::condition::Context;
    use crate::authorization::evaluate::{Effect, Request, evaluate};

    fn check(policy: &str, action: &str, expected: Effect) {
        let documents = documents();
        let document = &documents[&format!("arn:aws:iam::aws:policy/{policy}")];
        let request = Request {
            action: action.to_ascii_lowercase(),
            resource: "arn:aws:iam::111111111111:role/x".to_owned(),
            context: Context::default(),
        };
        assert_eq!(evaluate([document.as_ref()], &request), expected, "{policy}: {action}");
    }

    #[test]
    fn read_only_policies_read_and_do_not_write() {
        for policy in ["ReadOnlyAccess", "SecurityAudit"] {
            for action in [
                "iam:GetRole",
                "iam:ListAttachedRolePolicies",
                "organizations:ListAccounts",
                "cloudformation:DescribeStackSet",
            ] {
                check(policy, action, Effect::Allowed);
            }
            for action in [
                "iam:CreateRole",
                "sts:AssumeRole",
                "cloudformation:CreateStackSet",
                "organizations:MoveAccount",
            ] {
                check(policy, action, Effect::ImplicitlyDenied);
            }
        }
        check("job-function/ViewOnlyAccess", "iam:ListRoles", Effect::Allowed);
        check("job-function/ViewOnlyAccess", "iam:GetRole", Effect::ImplicitlyDenied);
        check("AdministratorAccess", "iam:CreateRole", Effect::Allowed);
        check("PowerUserAccess", "iam:CreateRole", Effect::ImplicitlyDenied);
    }

    #[test]
    fn view_only_access_has_the_path_that_aws_gave_it() {
        let documents = documents();
        assert!(documents.len() >= 60);
        assert!(documents.contains_key("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"));
        assert!(!documents.contains_key("arn:aws:iam::aws:policy/ViewOnlyAccess"));
    }
}
