//! Graph v1.0 of the simulated tenant.
