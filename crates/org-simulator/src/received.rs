//! A request as it comes in: in which protocol, as whom, and which call it makes.

use crate::call::{ApiError, Call, Caller, Service};
use crate::credentials::{self, Refused};
use crate::wire::scope::Scope;
use crate::wire::{WireRequest, WireResponse, json, query, xml};
use crate::world::World;

/// What the signature of an accepted request says.
pub(crate) struct SignedScope {
    pub(crate) service: Service,
    region: String,
    caller: Caller,
}

/// Reads the signature, which says which service is called, and as whom.
pub(crate) fn scope(world: &World, request: &WireRequest, wire: &Wire) -> Result<SignedScope, ApiError> {
    let authorization = header(request, "authorization").ok_or_else(|| wire.unsigned())?;
    let scope = Scope::parse(authorization).ok_or_else(|| incomplete_signature(authorization))?;
    let service = scope.service.ok_or_else(|| {
        tracing::warn!("a request is signed for a service that is not simulated");
        ApiError::new("SignatureDoesNotMatch", 403, "Credential should be scoped to correct service.")
    })?;
    let wire = Wire { service };
    let token = header(request, "x-amz-security-token");
    let caller = credentials::authenticate(world, &scope.access_key_id, token)
        .map_err(|refused| wire.unauthenticated(refused))?;
    Ok(SignedScope { service, region: scope.region, caller })
}

/// In which protocol a request is answered.
pub(crate) struct Wire {
    service: Service,
}

impl Wire {
    /// A guess for requests whose signature does not tell.
    pub(crate) fn of(request: &WireRequest) -> Self {
        let is_json = header(request, "x-amz-target").is_some();
        Wire { service: if is_json { Service::Organizations } else { Service::Sts } }
    }

    pub(crate) fn of_service(self, service: Service) -> Self {
        Wire { service }
    }

    fn is_json(&self) -> bool {
        self.service == Service::Organizations
    }

    pub(crate) fn success(
        &self,
        operation: &str,
        answer: &serde_json::Value,
        request_id: &str,
    ) -> WireResponse {
        if self.is_json() {
            json::success(answer, request_id)
        } else {
            xml::success(self.service, operation, answer, request_id)
        }
    }

    pub(crate) fn failure(&self, error: &ApiError, request_id: &str) -> WireResponse {
        if self.is_json() {
            json::failure(error, request_id)
        } else {
            xml::failure(self.service, error, request_id)
        }
    }

    fn unsigned(&self) -> ApiError {
        if self.is_json() {
            ApiError::new("MissingAuthenticationTokenException", 400, "Missing Authentication Token")
        } else {
            ApiError::new("MissingAuthenticationToken", 403, "Request is missing Authentication Token")
        }
    }

    fn unauthenticated(&self, refused: Refused) -> ApiError {
        let (query, json, message) = match refused {
            Refused::Invalid => (
                "InvalidClientTokenId",
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            ),
            Refused::Expired => (
                "ExpiredToken",
                "ExpiredTokenException",
                "The security token included in the request is expired",
            ),
        };
        if self.is_json() { ApiError::new(json, 400, message) } else { ApiError::new(query, 403, message) }
    }
}

fn header<'a>(request: &'a WireRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// The number of the attempt in `amz-sdk-request: attempt=2; max=3`, which every AWS SDK sends.
pub(crate) fn attempt(request: &WireRequest) -> u64 {
    let told = header(request, "amz-sdk-request").unwrap_or_default();
    let number = told.split(';').find_map(|part| part.trim().strip_prefix("attempt="));
    number.and_then(|number| number.parse().ok()).unwrap_or(1)
}

fn incomplete_signature(authorization: &str) -> ApiError {
    // Whatever stands there may be a credential: it is not repeated.
    let length = authorization.len();
    ApiError::new(
        "IncompleteSignature",
        400,
        format!("Authorization header of {length} characters is no SigV4 signature"),
    )
}

/// The call that a request makes.
pub(crate) fn decode(request: &WireRequest, scope: SignedScope) -> Result<Call, ApiError> {
    let SignedScope { service, region, caller } = scope;
    let call = |operation: String, input| Call { service, operation, region, caller, input };
    if service == Service::Organizations {
        let target = header(request, "x-amz-target").unwrap_or_default();
        let Some(operation) = json::operation(target) else {
            return Err(ApiError::new("UnknownOperationException", 400, ""));
        };
        let input = json::input(request.body()).ok_or_else(|| {
            ApiError::new("SerializationException", 400, "The request body is no JSON object.")
        })?;
        return Ok(call(operation.to_owned(), input));
    }
    let form = match request.body().as_slice() {
        [] => request.uri().query().unwrap_or_default().as_bytes(),
        body => body,
    };
    let form = query::decode(form);
    let Some(operation) = form.action else {
        return Err(ApiError::new("MissingAction", 400, "Missing Action"));
    };
    let version = form.version.unwrap_or_default();
    if version != service.api_version() {
        let message = format!("Could not find operation {operation} for version {version}");
        return Err(ApiError::new("InvalidAction", 400, message));
    }
    Ok(call(operation, form.input))
}
