//! The only integration binary: behaviour per area, in the order of the floors. `support` holds `Stage`, which drives the
//! whole program by keys against the simulated tenant with a cranked clock.

mod support;

mod auth;
mod away;
mod base;
mod calendar;
mod calls;
mod cli;
mod colleagues;
mod config;
mod db;
mod domain_time;
mod find_time;
mod freebusy;
mod graph;
mod hostile;
mod keymap;
mod look;
mod mail;
mod mouse;
mod net;
mod newcomer;
mod offline;
mod palette;
mod panels;
mod people;
mod pty;
mod reader;
mod resize;
mod samples;
mod setup;
mod signing_in;
mod sim_calendar;
mod sim_entra;
mod sim_mail;
mod sim_schema;
mod stage_again;
mod stage_mail;
mod stage_signing_in;
mod state;
mod sync;
mod theme;
mod tiers;
mod readme;
mod tidy;
