//! The words behind dates as people type them, in English, German, French and Spanish, and cutting a text into them.
//!
//! Accents and case mean nothing. Must stay true: a word stands for one thing in all four languages, or its two meanings are said
//! ([`Token::two_days`], [`Word::MonthOrDay`]).

use jiff::SignedDuration;
use jiff::civil::Weekday;
use jiff::civil::Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};

/// What a word means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Today,
    Tomorrow,
    AfterTomorrow,
    Yesterday,
    This,
    Next,
    Week,
    Month,
    Weekend,
    Days,
    Hours,
    Minutes,
    Weekday(Weekday),
    /// A month by its number.
    Monthly(u16),
    /// "mar": a month beside a number, else a day.
    MonthOrDay(u16, Weekday),
    /// "one", "zwei", "une".
    Count(u16),
    In,
    For,
    To,
    Am,
    Pm,
    OClock,
    Noon,
    Midnight,
    /// The time it is.
    Now,
    /// When people go home.
    EndOfDay,
    /// "morning", "abends": from this hour to that.
    Part(u16, u16),
    /// Says nothing by itself: "at", "um", "le".
    Filler,
}

/// A piece of what was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Token {
    /// As typed, without accents, in lower case.
    pub(super) text: String,
    pub(super) word: Option<Word>,
    pub(super) number: Option<u16>,
    /// Hour and minute: "14:30", "3pm", "14h30".
    pub(super) clock: Option<(u16, u16)>,
    /// "30m", "1h30".
    pub(super) length: Option<SignedDuration>,
    /// Year, month and day: "2026-11-24", "24.11.", "24/11/2026".
    pub(super) date: Option<(Option<i32>, u16, u16)>,
    /// One word, two days: "do" is Donnerstag or domingo.
    pub(super) two_days: Option<(Weekday, Weekday)>,
}

impl Token {
    /// Can only be a time of the day.
    pub(super) fn is_clock(&self) -> bool {
        self.clock.is_some() && self.number.is_none()
    }
}

/// A text cut at spaces, commas and the dashes between two ends.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let plain: String = text.chars().take(200).map(plain).flat_map(char::to_lowercase).collect();
    let gap = |character: char| character.is_whitespace() || matches!(character, ',' | ';');
    let words: Vec<&str> = plain.split(gap).filter(|piece| !piece.is_empty()).collect();
    let mut plain = format!(" {} ", words.join(" "));
    for (phrase, means) in PHRASES {
        if plain.contains(phrase) {
            plain = plain.replace(phrase, means);
        }
    }
    let mut tokens = Vec::new();
    for piece in plain.split(' ') {
        cut(piece, &mut tokens);
    }
    tokens
}

/// Several words that mean what one does.
const PHRASES: &[(&str, &str)] = &[
    (" day after tomorrow ", " ubermorgen "),
    (" pasado manana ", " ubermorgen "),
    (" apres-demain ", " ubermorgen "),
    (" apres demain ", " ubermorgen "),
    (" por la manana ", " morning "),
    (" de la manana ", " morning "),
    (" por la tarde ", " afternoon "),
    (" de la tarde ", " afternoon "),
    (" por la noche ", " evening "),
    (" de la noche ", " evening "),
    (" du matin ", " morning "),
    (" du soir ", " evening "),
    (" de l'apres-midi ", " afternoon "),
    (" apres-midi ", " afternoon "),
    (" in the morning ", " morning "),
    (" in the afternoon ", " afternoon "),
    (" in the evening ", " evening "),
    (" tonight ", " today evening "),
    (" end of day ", " eod "),
    (" end of the day ", " eod "),
    (" fin de semana ", " weekend "),
    (" que viene ", " viene "),
    (" half an hour ", " 30m "),
    (" einer halben stunde ", " 30m "),
    (" une demi-heure ", " 30m "),
    (" media hora ", " 30m "),
    (" in a ", " in one "),
    (" in an ", " in one "),
];

/// Cuts "2-3pm" and "mon-wed" at the dash, but not "2026-11-24".
fn cut(piece: &str, tokens: &mut Vec<Token>) {
    if piece.is_empty() {
        return;
    }
    // As computers write it: 2026-11-24T14:00.
    if let Some((day, time)) = piece.split_once('t')
        && date(day).is_some()
        && clock(time).is_some()
    {
        tokens.extend([token(day), token(time)]);
        return;
    }
    if date(piece).is_none()
        && let Some((from, to)) = piece.split_once('-')
    {
        cut(from, tokens);
        tokens.push(Token { text: "-".to_owned(), word: Some(Word::To), ..Token::default() });
        cut(to, tokens);
        return;
    }
    tokens.push(token(piece));
}

/// Letters without their accents, every dash a hyphen.
fn plain(character: char) -> char {
    match character {
        'á' | 'à' | 'â' | 'ä' | 'Á' | 'À' | 'Â' | 'Ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' | 'Í' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'Ó' | 'Ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' | 'Ú' | 'Ü' => 'u',
        'ñ' | 'Ñ' => 'n',
        'ç' | 'Ç' => 'c',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        other => other,
    }
}

fn token(text: &str) -> Token {
    let date = date(text);
    let clock = if date.is_none() { clock(text) } else { None };
    let bare = text.trim_end_matches('.');
    Token {
        date,
        clock,
        length: length(text),
        number: number(text),
        word: word(bare),
        two_days: two_days(bare),
        text: text.to_owned(),
    }
}

/// "24", "24.", "24th", "1er".
fn number(text: &str) -> Option<u16> {
    let digits = text.trim_end_matches(['.', 'o', 'a']).trim_end_matches("th").trim_end_matches("st");
    let digits = digits.trim_end_matches("nd").trim_end_matches("rd").trim_end_matches("er");
    digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn date(text: &str) -> Option<(Option<i32>, u16, u16)> {
    let parts = |at: char| -> Option<Vec<u16>> {
        let text = if at == '.' { text.trim_end_matches('.') } else { text };
        let parts: Vec<u16> = text.split(at).map(|part| part.parse().ok()).collect::<Option<_>>()?;
        (2..=3).contains(&parts.len()).then_some(parts)
    };
    if let Some(parts) = parts('-') {
        // 2026-11-24; two numbers with a dash are two times.
        let [year, month, day] = parts[..] else { return None };
        return (year >= 1000).then_some((Some(i32::from(year)), month, day));
    }
    // 24.11. is a date, 14.30 a time: only a dot at its end, or a year, tells.
    let dotted = parts('.').filter(|parts| parts.len() == 3 || text.ends_with('.'));
    let parts = dotted.or_else(|| parts('/'))?;
    let (day, month) = match parts[..] {
        // 11/24: only the second can be a day.
        [first, second, ..] if first <= 12 && second > 12 => (second, first),
        [first, second, ..] => (first, second),
        _ => return None,
    };
    let year = parts.get(2).map(|year| if *year < 100 { 2000 + i32::from(*year) } else { i32::from(*year) });
    Some((year, month, day))
}

/// "14:30", "14.30", "14h30", "14h", "3pm", "3:30pm".
fn clock(text: &str) -> Option<(u16, u16)> {
    let halved = ["a.m.", "p.m.", "am", "pm"].iter().find_map(|half| text.strip_suffix(half));
    let body = halved.unwrap_or(text);
    for at in [':', '.', 'h'] {
        if let Some((hour, minute)) = body.split_once(at) {
            if at == 'h' && minute.is_empty() {
                // "2h" is a length; "14h" may be the time.
                return hour.parse().ok().filter(|hour| (7..=24).contains(hour)).map(|hour| (hour, 0));
            }
            let is_minute = minute.len() == 2 && minute.bytes().all(|byte| byte.is_ascii_digit());
            let hour: u16 = hour.parse().ok().filter(|_| is_minute && hour.len() <= 2)?;
            // "1h30" is a length, "14h30" may be the time.
            return if at == 'h' && hour < 7 { None } else { Some((hour, minute.parse().ok()?)) };
        }
    }
    halved.and_then(|hour| hour.parse().ok()).map(|hour| (hour, 0))
}

/// "30m", "45min", "1h", "1h30", "1h30m", "1.5h", "2hrs".
fn length(text: &str) -> Option<SignedDuration> {
    let digits = text.find(|character: char| !character.is_ascii_digit() && character != '.')?;
    let (count, rest) = text.split_at(digits);
    if matches!(rest, "m" | "min" | "mins" | "minutes" | "minuten" | "minutos") {
        return count.parse().ok().filter(|minutes| *minutes <= 100_000).map(SignedDuration::from_mins);
    }
    let unit = ["hours", "hrs", "std", "h"].iter().find(|unit| rest.starts_with(**unit))?;
    let rest = rest[unit.len()..].trim_end_matches('m');
    let minutes: i64 =
        if rest.is_empty() { 0 } else { rest.parse().ok().filter(|minutes| (0..60).contains(minutes))? };
    let hours = match count.split_once('.') {
        Some((whole, "5")) => {
            return Some(SignedDuration::from_mins(whole.parse::<i64>().ok().filter(|hours| *hours < 1000)? * 60 + 30));
        }
        Some(_) => return None,
        None => count.parse::<i64>().ok().filter(|hours| *hours < 1000)?,
    };
    Some(SignedDuration::from_mins(hours * 60 + minutes))
}

fn two_days(text: &str) -> Option<(Weekday, Weekday)> {
    match text {
        "do" => Some((Thursday, Sunday)),
        "di" => Some((Tuesday, Sunday)),
        _ => None,
    }
}

#[rustfmt::skip]
fn word(text: &str) -> Option<Word> {
    Some(match text {
        "today" | "heute" | "aujourd'hui" | "aujourd\u{2019}hui" | "aujourdhui" | "hoy" => Word::Today,
        "tomorrow" | "tom" | "tmrw" | "morgen" | "demain" | "manana" => Word::Tomorrow,
        "ubermorgen" | "uebermorgen" | "apres-demain" => Word::AfterTomorrow,
        "yesterday" | "gestern" | "hier" | "ayer" => Word::Yesterday,
        "this" | "diese" | "diesen" | "dieser" | "dieses" | "diesem" | "cette" | "ce" | "cet" | "este" | "esta" => Word::This,
        "next" | "nachste" | "nachsten" | "nachster" | "nachstes" | "naechste" | "naechsten" | "kommende" | "kommenden"
        | "prochain" | "prochaine" | "proximo" | "proxima" | "viene" => Word::Next,
        "kw" | "week" | "weeks" | "woche" | "wochen" | "semaine" | "semaines" | "semana" | "semanas" => Word::Week,
        "month" | "months" | "monat" | "monate" | "monaten" | "mois" | "mes" | "meses" => Word::Month,
        "weekend" | "wochenende" | "week-end" | "finde" => Word::Weekend,
        "day" | "days" | "tag" | "tage" | "tagen" | "jour" | "jours" | "dia" | "dias" => Word::Days,
        "hour" | "hours" | "hr" | "hrs" | "h" | "stunde" | "stunden" | "std" | "heure" | "heures" | "hora" | "horas" => Word::Hours,
        "minute" | "minutes" | "min" | "mins" | "minuten" | "minuto" | "minutos" => Word::Minutes,
        "mo" | "mon" | "monday" | "montag" | "lu" | "lun" | "lundi" | "lunes" => Word::Weekday(Monday),
        "tu" | "tue" | "tues" | "tuesday" | "dienstag" | "ma" | "mardi" | "martes" => Word::Weekday(Tuesday),
        "we" | "wed" | "wednesday" | "mi" | "mittwoch" | "me" | "mer" | "mercredi" | "mie" | "miercoles" => Word::Weekday(Wednesday),
        "th" | "thu" | "thur" | "thurs" | "thursday" | "don" | "donnerstag" | "je" | "jeu" | "jeudi" | "ju" | "jue" | "jueves" => Word::Weekday(Thursday),
        "fr" | "fri" | "friday" | "fre" | "freitag" | "ve" | "ven" | "vendredi" | "vi" | "vie" | "viernes" => Word::Weekday(Friday),
        "sa" | "sat" | "saturday" | "sam" | "samstag" | "sonnabend" | "samedi" | "sab" | "sabado" => Word::Weekday(Saturday),
        "su" | "sun" | "sunday" | "so" | "son" | "sonntag" | "dim" | "dimanche" | "dom" | "domingo" => Word::Weekday(Sunday),
        "mar" => Word::MonthOrDay(3, Tuesday),
        "jan" | "january" | "januar" | "janner" | "janv" | "janvier" | "ene" | "enero" => Word::Monthly(1),
        "feb" | "february" | "februar" | "fev" | "fevr" | "fevrier" | "febrero" => Word::Monthly(2),
        "march" | "marz" | "maerz" | "mrz" | "mars" | "marzo" => Word::Monthly(3),
        "apr" | "april" | "avr" | "avril" | "abr" | "abril" => Word::Monthly(4),
        "may" | "mai" | "mayo" => Word::Monthly(5),
        "jun" | "june" | "juni" | "juin" | "junio" => Word::Monthly(6),
        "jul" | "july" | "juli" | "juil" | "juillet" | "julio" => Word::Monthly(7),
        "aug" | "august" | "aout" | "ago" | "agosto" => Word::Monthly(8),
        "sep" | "sept" | "september" | "septembre" | "septiembre" => Word::Monthly(9),
        "oct" | "october" | "okt" | "oktober" | "octobre" | "octubre" => Word::Monthly(10),
        "nov" | "november" | "novembre" | "noviembre" => Word::Monthly(11),
        "dec" | "december" | "dez" | "dezember" | "decembre" | "dic" | "diciembre" => Word::Monthly(12),
        "one" | "ein" | "eine" | "einem" | "einer" | "un" | "une" | "una" => Word::Count(1),
        "two" | "zwei" | "deux" | "dos" => Word::Count(2),
        "three" | "drei" | "trois" | "tres" => Word::Count(3),
        "in" | "dans" | "dentro" | "en" => Word::In,
        "for" | "fur" | "fuer" | "pendant" | "durante" | "por" => Word::For,
        "to" | "till" | "until" | "bis" | "jusqu'a" | "hasta" | "a" | "au" => Word::To,
        "am" | "a.m" => Word::Am,
        "pm" | "p.m" => Word::Pm,
        "uhr" | "o'clock" | "oclock" => Word::OClock,
        "noon" | "midday" | "mittag" | "mittags" | "midi" | "mediodia" => Word::Noon,
        "midnight" | "mitternacht" | "minuit" | "medianoche" => Word::Midnight,
        "now" | "jetzt" | "maintenant" | "ahora" => Word::Now,
        "eod" | "cob" | "feierabend" => Word::EndOfDay,
        "morning" | "vormittag" | "vormittags" | "morgens" | "fruh" | "frueh" | "matin" => Word::Part(9, 12),
        "afternoon" | "nachmittag" | "nachmittags" | "tarde" => Word::Part(13, 18),
        "evening" | "abend" | "abends" | "soir" | "noche" => Word::Part(18, 22),
        "by" | "at" | "on" | "from" | "the" | "of" | "um" | "den" | "der" | "dem" | "von" | "ab" | "le" | "la" | "les" | "las" | "los"
        | "el" | "de" | "del" | "du" | "des" | "que" | "die" | "@" | "nach" => Word::Filler,
        _ => return None,
    })
}
