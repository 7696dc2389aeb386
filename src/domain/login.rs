//! The steps of a sign-in, as the person sees them, and what they can ask for meanwhile.

use crate::base::report::Report;
use crate::domain::account::Account;
use jiff::Timestamp;

/// A way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LoginMethod {
    /// Browser on this computer with a loopback redirect and PKCE.
    Browser,
    /// A code typed on another device.
    DeviceCode,
}

/// What the registration is; typed by the person or taken from the profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Application (client) id.
    pub client_id: String,
    /// `common`, `organizations`, `consumers`, a GUID or a domain.
    pub tenant: String,
}

/// What the person asks of the sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginCommand {
    /// Begin, or switch to, this way in. `open_browser`: try to open the browser on this computer.
    Begin {
        /// The way in.
        method: LoginMethod,
        /// Try to open the browser.
        open_browser: bool,
    },
    /// Remember this registration (written to the profile) and begin with the best way in.
    Register(Registration),
    /// Stop waiting.
    Cancel,
    /// Demo only: the simulated person approves what is waiting.
    ApproveDemo,
}

/// Where the sign-in stands.
#[derive(Clone, Debug, PartialEq)]
pub enum LoginStep {
    /// No client id is configured: explain registrations and take one.
    NeedsRegistration,
    /// Nobody is signed in; `preferred` is the best way in here and `reason` says why.
    SignedOut {
        /// The best way in here.
        preferred: LoginMethod,
        /// Why, as a sentence; may be empty.
        reason: String,
    },
    /// A request is on its way; one short sentence says which.
    Working(String),
    /// The browser shall visit `address`; we wait for it to come back.
    Browser {
        /// Where to go.
        address: String,
        /// The browser was started here.
        opened: bool,
        /// We stop waiting then.
        expires: Timestamp,
    },
    /// The person shall type `code` at `address`.
    DeviceCode {
        /// The code.
        code: String,
        /// Where to type it.
        address: String,
        /// The code ends then.
        expires: Timestamp,
    },
    /// Signed in.
    SignedIn(Account),
    /// It failed; the report says why and what to do. Another way in can be begun.
    Failed(Report),
}
