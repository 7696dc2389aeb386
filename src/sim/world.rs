//! Part of the simulated tenant.
