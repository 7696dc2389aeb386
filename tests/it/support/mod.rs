//! What tests share: the way in (`entrance`), the tenant by hand-made HTTP (`bed`), certificates made on the spot (`certificate`),
//! scripted servers (`scripted`), servers with certificates (`authority`), lines that are listened to (`wiretap`), somebody's other program (`second_client`), the screen
//! without an engine (`desk`), the whole program in a test's hands (`stage`), an office without a screen (`office`) and its long run (`soak`), every kind of change (`kinds`), and the real one as a process (`program`) and in a
//! pseudo-terminal (`pty`).

pub(crate) mod authority;
pub(crate) mod bed;
pub(crate) mod certificate;
pub(crate) mod desk;
pub(crate) mod entrance;
pub(crate) mod program;
pub(crate) mod kinds;
pub(crate) mod office;
pub(crate) mod pty;
pub(crate) mod scripted;
pub(crate) mod second_client;
pub(crate) mod soak;
pub(crate) mod stage;
pub(crate) mod wiretap;
