//! What may be typed after `deskbell`: one definition from which parsing and help come.

mod colleagues;

pub(crate) use colleagues::{Away, Busy, Slots, Who};

use clap::{Args, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;

/// Microsoft 365 in a terminal: calendars, mail, who is busy and who is out of office.
#[derive(Debug, Parser)]
#[command(name = "deskbell", version, about, max_term_width = 100, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
}

impl Arguments {
    /// Reads them. The program itself is opened without making the tree of all commands: that takes as long as opening the cache.
    ///
    /// # Errors
    /// What the person has to be told: a mistake, or the help they asked for.
    pub(crate) fn read(arguments: Vec<OsString>) -> Result<Self, clap::Error> {
        if arguments.len() <= 1 {
            return Ok(Self { global: Global::default(), verb: None });
        }
        match WithoutVerb::try_parse_from(&arguments) {
            Ok(WithoutVerb { global }) => Ok(Self { global, verb: None }),
            Err(_) => Self::try_parse_from(arguments),
        }
    }
}

#[derive(Debug, Parser)]
#[command(name = "deskbell", disable_help_flag = true)]
struct WithoutVerb {
    #[command(flatten)]
    global: Global,
}

/// Options of every command.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Global {
    /// Keep configuration, cache, secrets and logs under this folder (also: DESKBELL_HOME)
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// Use this profile of the configuration
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Use this account where several are signed in: its address or id
    #[arg(long, global = true, value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Ask nothing of the network; answer from the cache
    #[arg(long, global = true)]
    pub(crate) offline: bool,
    /// Keep tokens in memory only; nothing of the sign-in is read or written
    #[arg(long, global = true)]
    pub(crate) no_store: bool,
    /// Refuse every change of the mailbox
    #[arg(long, global = true)]
    pub(crate) read_only: bool,
    /// Sign-in address in place of the cloud's
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) authority: Option<String>,
    /// Graph address in place of the cloud's
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) graph: Option<String>,
    /// Tenant: organizations, common, consumers, an id or a domain
    #[arg(long, global = true, value_name = "TENANT")]
    pub(crate) tenant: Option<String>,
    /// Application (client) id of the registration
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// Read a service's secret from this file descriptor
    #[arg(long, global = true, value_name = "N")]
    pub(crate) secret_fd: Option<u16>,
    /// Print the curl command of each request to standard error, with $TOKEN in place of the token
    #[arg(long, global = true)]
    pub(crate) show_request: bool,
    /// How much is logged: error, warn, info, debug, trace
    #[arg(long, global = true, value_name = "LEVEL")]
    pub(crate) log: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Try everything on an invented company; nothing leaves this computer
    #[cfg(feature = "demo")]
    Demo(Demo),
    /// Serve the invented company for other clients, or get a token for it
    #[cfg(feature = "demo")]
    Tenant(Tenant),
    /// Make or name an app registration: four questions, the steps, a script, the profile and a test
    Setup(SetUp),
    /// List, show, choose, export and import profiles
    Profile {
        #[command(subcommand)]
        verb: ProfileVerb,
    },
    /// Sign in
    Login(Login),
    /// Look at a service's certificate
    Cert(Cert),
    /// Sign out and forget the account's tokens and cached data
    Logout(Logout),
    /// Say what works, what does not, why, and what to do
    Doctor(Doctor),
    /// List the signed-in accounts with the time their tokens end, or choose the one to use
    Accounts {
        #[command(subcommand)]
        verb: Option<AccountsVerb>,
    },
    /// Read a page: signing in, words, service accounts, writing, cron, export, coming from EWS, known gaps, doctor
    Help(Help),
    /// List the newest messages of the inbox
    Inbox(Inbox),
    /// Search, read, mark, file, delete, write and answer messages
    Mail {
        #[command(subcommand)]
        verb: MailVerb,
    },
    /// Show which changes wait for the service and why; try one again or take it back
    Outbox {
        #[command(subcommand)]
        verb: Option<OutboxVerb>,
    },
    /// List what is in the calendar
    Agenda(Agenda),
    /// Make, change, answer or delete an event
    Event {
        #[command(subcommand)]
        verb: EventVerb,
    },
    /// Show, set or clear your automatic replies
    Out(OutOfOffice),
    /// Show, choose or let go how you are shown to others
    Presence {
        #[command(subcommand)]
        verb: Option<crate::cli::presence::PresenceVerb>,
    },
    /// Show when colleagues are busy
    Busy(Busy),
    /// Find times that suit several people, the best first, and say whom each hurts
    Slots(Slots),
    /// Show everything about one person: where they are, until when they are away, their day
    Who(Who),
    /// One line for a prompt or a status bar: the next meeting, unread mail, presence
    Status(Status),
    /// Show who is out of office, until when, and what their reply says
    Away(Away),
    /// Bring the copy on this computer into step, e.g. from cron
    Sync(Sync),
    /// Write mail, events, people and out-of-office history into a SQLite file for others to read
    Export(Export),
    /// Look at the copy on this computer, make room, or empty it
    Cache {
        #[command(subcommand)]
        verb: CacheVerb,
    },
    /// Read any path of Microsoft Graph
    Get(Get),
    /// Print an access token for your own scripts, or move tokens by a file
    Token(Token),
}

#[cfg(feature = "demo")]
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Begin at the sign-in screen
    #[arg(long)]
    pub(crate) sign_in: bool,
    /// What the simulated person's organisation grants
    #[arg(long, value_name = "none|basic|all", default_value = "all", value_parser = ["none", "basic", "all"])]
    pub(crate) consent: String,
    /// Size of the inbox
    #[arg(long, value_name = "N")]
    pub(crate) mail: Option<u32>,
    /// Send what real servers add: unknown members and values, empty pages, shuffled batches
    #[arg(long)]
    pub(crate) quirks: bool,
    /// Misbehave as this file says (see `assets/faults.example.toml`)
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// Draw this view as a picture instead of opening the program (see --shot help)
    #[arg(long, value_name = "VIEW")]
    pub(crate) shot: Option<String>,
    /// Size of the picture in columns and rows
    #[arg(long, value_name = "WxH", default_value = "120x40", requires = "shot")]
    pub(crate) size: String,
    /// Theme: auto, terminal, dark, light, mono
    #[arg(long, value_name = "THEME")]
    pub(crate) theme: Option<String>,
    /// Where the picture goes
    #[arg(long, value_name = "FILE.svg", requires = "shot")]
    pub(crate) out: Option<PathBuf>,
}

#[cfg(feature = "demo")]
#[derive(Debug, Args)]
pub(crate) struct Tenant {
    #[command(subcommand)]
    pub(crate) verb: Option<TenantVerb>,
    /// Port of the sign-in authority; Graph takes the next one
    #[arg(long, value_name = "N")]
    pub(crate) port: Option<u16>,
    /// Size of the main person's inbox
    #[arg(long, value_name = "N")]
    pub(crate) mail: Option<u32>,
    /// What the organisation grants
    #[arg(long, value_name = "none|basic|all", default_value = "all", value_parser = ["none", "basic", "all"])]
    pub(crate) consent: String,
    /// Send what real servers add
    #[arg(long)]
    pub(crate) quirks: bool,
    /// Misbehave as this file says (see `assets/faults.example.toml`)
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// Announce this address instead of our own, e.g. behind a TLS front
    #[arg(long, value_name = "URL")]
    pub(crate) public_base: Option<String>,
}

#[cfg(feature = "demo")]
#[derive(Debug, Subcommand)]
pub(crate) enum TenantVerb {
    /// Ask a running tenant for an access token of PERSON, for trying it with curl
    Token {
        /// Alias or address, e.g. `lena`
        person: String,
        /// Scopes, separated by spaces
        #[arg(long, value_name = "SCOPES", default_value = "")]
        scope: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Login {
    /// The address to sign in with
    #[arg(value_name = "ADDRESS", conflicts_with = "login_hint")]
    pub(crate) address: Option<String>,
    /// In the browser on this computer
    #[arg(long, group = "way")]
    pub(crate) browser: bool,
    /// With a browser on another computer: paste the address it ends at
    #[arg(long, group = "way")]
    pub(crate) paste: bool,
    /// With a code typed on another device
    #[arg(long, group = "way")]
    pub(crate) device: bool,
    /// Do not open the browser; only print the address
    #[arg(long)]
    pub(crate) no_open: bool,
    /// Port the browser comes back to, e.g. the one of ssh -L
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,
    /// Redirect address as it is registered
    #[arg(long, value_name = "URL")]
    pub(crate) redirect_uri: Option<String>,
    /// The address to sign in with
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) login_hint: Option<String>,
    /// Domain whose own sign-in page is shown at once
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) domain_hint: Option<String>,
    /// What the page does with somebody who is signed in there
    #[arg(long, value_name = "none|login|select_account|consent", value_parser = ["none", "login", "select_account", "consent"])]
    pub(crate) prompt: Option<String>,
    /// Ask for this as well: people, directory, calendar, shared-calendars, mail, shared-mailboxes, settings, write
    #[arg(long = "for", value_name = "WHAT", value_delimiter = ',', conflicts_with = "scopes")]
    pub(crate) tiers: Vec<String>,
    /// Ask for exactly these permissions, separated by spaces, commas or line ends
    #[arg(long, value_name = "SCOPES")]
    pub(crate) scopes: Option<String>,
    /// For a service: put its secret into the system's keyring, typed or from standard input
    #[arg(long)]
    pub(crate) keep_secret: bool,
    /// Tell each step: what is sent where, without anything secret
    #[arg(long)]
    pub(crate) debug: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Logout {
    /// The account to sign out, by its address or id; without one, the account in use
    #[arg(value_name = "ACCOUNT", conflicts_with = "all")]
    pub(crate) who: Option<String>,
    /// Sign out all accounts
    #[arg(long)]
    pub(crate) all: bool,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountsVerb {
    /// Use this account from now on
    Use {
        /// Its address or id
        #[arg(value_name = "ACCOUNT")]
        who: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Cert {
    #[command(subcommand)]
    pub(crate) verb: CertVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CertVerb {
    /// Show what FILE says, and whether its key fits
    Check {
        /// The certificate, a PEM file
        file: PathBuf,
        /// Its private key, where that is another file
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
}

#[derive(Clone, Debug, Args)]
pub(crate) struct SetUp {
    /// What for: who-is-out, people, directory, calendar, shared-calendars, mail, shared-mailboxes, settings,
    /// write
    #[arg(long = "for", value_name = "WHAT", value_delimiter = ',')]
    pub(crate) tiers: Vec<String>,
    /// As whom
    #[arg(long = "as", value_name = "person|service", value_parser = ["person", "service"])]
    pub(crate) kind: Option<String>,
    /// There is no registration yet
    #[arg(long, conflicts_with = "client_id")]
    pub(crate) new: bool,
    /// What a new registration is called
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// A mailbox a service may read; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) mailbox: Vec<String>,
    /// How a service proves who it is
    #[arg(long, value_name = "certificate|secret", value_parser = ["certificate", "secret"])]
    pub(crate) proof: Option<String>,
    /// A service's certificate (PEM), written to the profile
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate: Option<String>,
    /// The key of the certificate (PEM), written to the profile
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate_key: Option<String>,
    /// The variable that holds a service's secret, written to the profile
    #[arg(long, value_name = "VARIABLE")]
    pub(crate) secret_env: Option<String>,
    /// Print one document and nothing else: the steps in the portal, the script for the Azure CLI, the requests to Graph, or the
    /// request to an administrator
    #[arg(long, value_name = "portal|azure|graph|request", value_parser = ["portal", "azure", "graph", "request"])]
    pub(crate) print: Option<String>,
    /// Write the profile without asking the service
    #[arg(long)]
    pub(crate) no_test: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileVerb {
    /// List the profiles
    List,
    /// Show a profile's options that are not the defaults
    Show {
        /// The profile; without one, the one in use
        name: Option<String>,
    },
    /// Use this profile when none is named
    Use {
        /// The profile
        name: String,
    },
    /// Print a profile for others, without secrets and without what belongs to this computer
    Export {
        /// The profile; without one, the one in use
        name: Option<String>,
    },
    /// Take in a profile that was exported; what it lacks is named
    Import {
        /// The file
        file: PathBuf,
        /// Call it this instead
        #[arg(long, value_name = "NAME")]
        rename: Option<String>,
    },
}

/// Messages by their ids.
#[derive(Debug, Args)]
pub(crate) struct Messages {
    /// Ids, as `deskbell inbox --json` tells them; - reads more from standard input, one a line
    #[arg(value_name = "ID", required = true)]
    pub(crate) ids: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MailVerb {
    /// Find messages by words, people, dates and more
    #[command(
        after_help = "Words: report  \"whole phrase\"  from:lena  to:ben  subject:offer  body:annex  in:inbox  is:unread  \
                            is:flagged  is:draft\nhas:attachment  after:2026-03-14  before:2026  on:yesterday  after:7d  -not this  \
                            this OR that"
    )]
    Search(MailSearch),
    /// Print a message as text
    Read(MailRead),
    /// Mark messages as read, or as unread
    Mark(MailMark),
    /// Flag messages, or take the flag off
    Flag(MailFlag),
    /// Give messages these categories and no others
    Category(MailCategory),
    /// Move messages to a folder
    Move(MailMove),
    /// Move messages to the archive
    Archive(Messages),
    /// Move messages to the deleted items, or delete them for ever
    Delete(MailDelete),
    /// Send a message; its text is read from standard input
    Send(MailSend),
    /// Answer a message
    Reply(MailReply),
    /// Pass a message on, with what hangs on it
    Forward(MailForward),
    /// Write messages as they came into .eml files, or one to standard output
    Export(MailExport),
    /// List the drafts of this computer
    Drafts,
}

/// Where what is exported goes.
#[derive(Debug, Args)]
pub(crate) struct ExportPlace {
    /// A file, or a folder in which names are made from subjects; without it, or as -, standard output
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,
    /// Write over the file if it is there
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct MailExport {
    #[command(flatten)]
    pub(crate) which: Messages,
    #[command(flatten)]
    pub(crate) place: ExportPlace,
}

#[derive(Debug, Args)]
pub(crate) struct MailRead {
    /// The message's id
    pub(crate) id: String,
    /// Columns of the text
    #[arg(long, value_name = "N", default_value_t = 80, value_parser = clap::value_parser!(u16).range(20..=400))]
    pub(crate) width: u16,
}

#[derive(Debug, Args)]
pub(crate) struct MailMark {
    #[command(flatten)]
    pub(crate) which: Messages,
    /// As read; this is what happens without a word, too
    #[arg(long, conflicts_with = "unread")]
    pub(crate) read: bool,
    /// As unread
    #[arg(long)]
    pub(crate) unread: bool,
}

#[derive(Debug, Args)]
pub(crate) struct MailFlag {
    #[command(flatten)]
    pub(crate) which: Messages,
    /// Take the flag off
    #[arg(long)]
    pub(crate) off: bool,
}

#[derive(Debug, Args)]
pub(crate) struct MailCategory {
    #[command(flatten)]
    pub(crate) which: Messages,
    /// A category; may be given several times, none takes all off
    #[arg(long, value_name = "NAME")]
    pub(crate) set: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct MailMove {
    #[command(flatten)]
    pub(crate) which: Messages,
    /// The folder: its name, its path (Inbox/Clients), inbox, archive and the like, or its id
    #[arg(long = "to", value_name = "FOLDER")]
    pub(crate) folder: String,
}

#[derive(Debug, Args)]
pub(crate) struct MailDelete {
    #[command(flatten)]
    pub(crate) which: Messages,
    /// For ever, past the deleted items
    #[arg(long, requires = "yes")]
    pub(crate) for_ever: bool,
    /// I am sure
    #[arg(long)]
    pub(crate) yes: bool,
}

/// What is written.
#[derive(Debug, Args)]
pub(crate) struct Written {
    /// A recipient: ana@contoso.com or "Ana Ruiz <ana@contoso.com>"; several with commas, or several times
    #[arg(long, value_name = "WHO")]
    pub(crate) to: Vec<String>,
    /// Who gets a copy
    #[arg(long, value_name = "WHO")]
    pub(crate) cc: Vec<String>,
    /// Who gets a copy unseen by the others
    #[arg(long, value_name = "WHO")]
    pub(crate) bcc: Vec<String>,
    /// A file to attach; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) attach: Vec<PathBuf>,
    /// The text, in place of standard input
    #[arg(long, value_name = "TEXT")]
    pub(crate) body: Option<String>,
    /// Show what would be sent and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct MailSend {
    /// What it is about
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) subject: String,
    #[command(flatten)]
    pub(crate) written: Written,
}

#[derive(Debug, Args)]
pub(crate) struct MailReply {
    /// The message that is answered
    pub(crate) id: String,
    /// Answer all who got it
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) written: Written,
}

#[derive(Debug, Args)]
pub(crate) struct MailForward {
    /// The message that is passed on
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) written: Written,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OutboxVerb {
    /// Ask the service again now
    Retry {
        /// The change's number
        id: i64,
    },
    /// Take a change back; a message that was to be sent becomes a draft again
    Cancel {
        /// The change's number
        id: i64,
    },
    /// Do it over what somebody else did meanwhile
    KeepMine {
        /// The change's number
        id: i64,
    },
    /// Give it up for what somebody else did meanwhile
    KeepTheirs {
        /// The change's number
        id: i64,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Help {
    /// The page; without one, all of them are named
    #[arg(value_name = "PAGE")]
    pub(crate) page: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenVerb {
    /// Store the tokens in FILE: JSON with `access_token`, `refresh_token`, `expires_in`
    Import {
        /// The file, or - for standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Write the tokens of the account in use into FILE
    Export {
        /// Where they go
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Print everything for support, without secrets
    #[arg(long)]
    pub(crate) support: bool,
    /// Look at the mailbox of another, too: which of its locks is shut
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) mailbox: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct MailSearch {
    /// What to look for, as on the screen; put -- before a word with a minus
    #[arg(required = true, value_name = "QUERY")]
    pub(crate) query: Vec<String>,
    /// How many hits at most
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=10000))]
    pub(crate) count: u16,
    /// Search at the service too
    #[arg(long)]
    pub(crate) server: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Inbox {
    /// How many messages
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) count: u16,
    /// Only unread ones
    #[arg(long)]
    pub(crate) unread: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EventVerb {
    /// Make an event; those who are invited are told
    New(NewEvent),
    /// Change an event of your own, one day of a series or all; those who are invited are told
    Edit(crate::cli::event_edit::EditEvent),
    /// Accept an invitation
    Accept(AnswerEvent),
    /// Answer an invitation with maybe
    Tentative(AnswerEvent),
    /// Decline an invitation
    Decline(AnswerEvent),
    /// Delete an event; a meeting you organise is cancelled and everybody told
    Delete(DeleteEvent),
    /// Write an event, or all of some days, into an .ics file or to standard output
    Export(EventExport),
}

#[derive(Debug, Args)]
pub(crate) struct EventExport {
    /// Words of its subject, or its id from `agenda --json`; without it, all of the days
    #[arg(value_name = "EVENT", conflicts_with_all = ["day", "week", "from", "to"])]
    pub(crate) event: Option<String>,
    #[command(flatten)]
    pub(crate) days: Days,
    #[command(flatten)]
    pub(crate) place: ExportPlace,
}

#[derive(Debug, Args)]
pub(crate) struct NewEvent {
    /// What it is about
    #[arg(value_name = "SUBJECT")]
    pub(crate) subject: String,
    /// When, e.g. "tue 14:00-15:00", "tomorrow 3pm", "2026-11-24 14:00 30m", "24 nov"
    #[arg(long, value_name = "WHEN")]
    pub(crate) when: String,
    /// Who is invited: a name or an address; repeat it, or separate by commas
    #[arg(long = "with", value_name = "NAME", value_delimiter = ',')]
    pub(crate) people: Vec<String>,
    /// Where, in words
    #[arg(long, value_name = "PLACE")]
    pub(crate) place: Option<String>,
    /// With a link to meet online
    #[arg(long)]
    pub(crate) online: bool,
    /// The text of the invitation
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Option<String>,
    #[command(flatten)]
    pub(crate) beside: crate::cli::event_edit::Beside,
}

/// Which event.
#[derive(Debug, Args)]
pub(crate) struct WhichEvent {
    /// Words of its subject, or its id from `agenda --json`; the next 60 days are looked through
    #[arg(value_name = "EVENT")]
    pub(crate) event: String,
    /// All of the series
    #[arg(long)]
    pub(crate) series: bool,
    /// A few words for whoever is told
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AnswerEvent {
    #[command(flatten)]
    pub(crate) which: WhichEvent,
    /// Do not tell the organizer
    #[arg(long, conflicts_with = "note")]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DeleteEvent {
    #[command(flatten)]
    pub(crate) which: WhichEvent,
    /// Cancel a meeting of several people without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct OutOfOffice {
    /// The last day you are away, or until when, e.g. "2 jan" or "fri 14:00"; without it until cleared
    #[arg(long, value_name = "WHEN", conflicts_with = "clear")]
    pub(crate) until: Option<String>,
    /// From when; now, if only --until is given
    #[arg(long, value_name = "WHEN", requires = "until")]
    pub(crate) from: Option<String>,
    /// What colleagues are told; without it the text that is there stays
    #[arg(long, value_name = "TEXT", conflicts_with = "clear")]
    pub(crate) text: Option<String>,
    /// What everybody else is told; without it the same as --text
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["clear", "nobody_outside"])]
    pub(crate) outside: Option<String>,
    /// Tell nobody outside the organisation
    #[arg(long, conflicts_with = "clear")]
    pub(crate) nobody_outside: bool,
    /// Turn them off
    #[arg(long)]
    pub(crate) clear: bool,
}

/// Which days.
#[derive(Debug, Args)]
pub(crate) struct Days {
    /// One day (the default): today, or the day given by --from
    #[arg(long, group = "length")]
    pub(crate) day: bool,
    /// Seven days
    #[arg(long, group = "length")]
    pub(crate) week: bool,
    /// First day, e.g. 2026-11-23, monday, tomorrow
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<String>,
    /// Last day, inclusive
    #[arg(long, value_name = "DATE", group = "length")]
    pub(crate) to: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Agenda {
    #[command(flatten)]
    pub(crate) days: Days,
}

#[derive(Debug, Args)]
pub(crate) struct Get {
    /// A path below v1.0, e.g. /me/messages?$top=3, or a full address at Graph
    #[arg(value_name = "PATH")]
    pub(crate) path: String,
    /// Read all pages, not only the first
    #[arg(long)]
    pub(crate) all: bool,
    /// Send this header too, e.g. ConsistencyLevel:eventual; may be repeated
    #[arg(long = "header", value_name = "NAME:VALUE")]
    pub(crate) headers: Vec<String>,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Token {
    #[command(subcommand)]
    pub(crate) verb: Option<TokenVerb>,
    /// Print what it opens instead of the token
    #[arg(long, conflicts_with = "yes")]
    pub(crate) scopes: bool,
    /// Print it without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// End when everything is in step; without it, stay in step until interrupted
    #[arg(long, conflicts_with_all = ["pause", "resume"])]
    pub(crate) once: bool,
    /// No long work (other folders, texts ahead) until --resume, in the running program and at each start
    #[arg(long, conflicts_with = "resume")]
    pub(crate) pause: bool,
    /// Let long work go on where it stopped
    #[arg(long)]
    pub(crate) resume: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The SQLite file; made where it is missing, else brought up to date
    #[arg(long, value_name = "FILE")]
    pub(crate) db: PathBuf,
    /// Write the bodies of messages too, those that are on this computer
    #[arg(long)]
    pub(crate) bodies: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CacheVerb {
    /// Where it is, how large, what is in it, and whether it is sound
    Info,
    /// Remove what is over the limits, and what belongs to nobody who is signed in
    Clean,
    /// Empty it; everything is fetched anew. Changes that wait to be sent and drafts are kept
    Wipe {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Ask the service first; without it the line comes from this computer at once
    #[arg(long)]
    pub(crate) fetch: bool,
}
