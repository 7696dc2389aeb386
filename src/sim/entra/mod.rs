//! Entra ID v2 of the simulated tenant.
