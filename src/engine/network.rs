//! What the configuration and the environment say about the network, in the words of the floors below.

use crate::config::{Config, RetryMode as ConfiguredMode};
use crate::domain::calls::{RetryMode, RetryPolicy};
use crate::engine::Setup;
use crate::net::client::Network;

/// Proxies and certificates of this start.
pub(super) fn network(setup: &Setup) -> Network {
    let network = Network::of(&setup.environment, &setup.config.ca_files);
    Network { shown: setup.show_requests.clone(), ..network }
}

/// How calls are sent again.
pub(super) fn retry_policy(config: &Config) -> RetryPolicy {
    let retry = &config.retry;
    RetryPolicy {
        mode: match retry.mode {
            ConfiguredMode::Auto => RetryMode::Safe,
            ConfiguredMode::Never => RetryMode::Off,
        },
        statuses: retry.statuses.clone(),
        at_most: u32::from(retry.at_most) + 1,
        growing: retry.growing,
    }
}
