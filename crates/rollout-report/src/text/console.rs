//! Pages of the AWS console.

use rollout_model::Region;

/// The page of the account whose id is `first` and the digits after it. It is that of AWS Organizations, which
/// works for every account; switching to the role does not where an external ID is asked for (aws-facts I).
pub(super) fn account_page(region: &Region, first: char, after: &str) -> Option<String> {
    let id: String = std::iter::once(first).chain(after.chars()).take_while(char::is_ascii_digit).collect();
    let host = host(region);
    (id.len() == 12).then(|| format!("https://{region}.{host}/organizations/v2/home/accounts/{id}"))
}

/// Each partition has a console of its own (aws-facts C6).
fn host(region: &Region) -> &'static str {
    match region.as_str() {
        china if china.starts_with("cn-") => "console.amazonaws.cn",
        government if government.starts_with("us-gov-") => "console.amazonaws-us-gov.com",
        _ => "console.aws.amazon.com",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_its_page_in_the_console_of_its_partition() {
        let check = |region: &str, expected: &str| {
            let page = account_page(&region.parse().unwrap(), '0', "12345678901 shop").unwrap();
            assert_eq!(page, format!("https://{expected}/organizations/v2/home/accounts/012345678901"));
        };
        check("eu-central-1", "eu-central-1.console.aws.amazon.com");
        check("cn-north-1", "cn-north-1.console.amazonaws.cn");
        check("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com");
        assert_eq!(account_page(&"us-east-1".parse().unwrap(), '1', "234\n"), None, "a piece of an id");
    }
}
