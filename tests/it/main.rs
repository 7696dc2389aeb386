//! The only integration binary: behaviour per area, in the order of the floors. `support` holds `Stage`, which drives the
//! whole program by keys against the simulated tenant with a cranked clock.

mod support;

mod base;
mod config;
mod domain_time;
mod freebusy;
mod sim_entra;
mod sim_mail;
mod sim_calendar;
mod sim_schema;
mod net;
mod auth;
mod graph;
mod samples;
mod db;
mod sync;
mod reader;
mod state;
mod keymap;
mod theme;
mod signing_in;
mod mail;
mod calendar;
mod find_time;
mod people;
mod away;
mod palette;
mod look;
mod newcomer;
mod hostile;
mod cli;
mod pty;
mod tidy;
