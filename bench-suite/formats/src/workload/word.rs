//! The words that name things.

/// Checks that a word is one of lower-case letters, digits and dashes, and says what is allowed if not.
pub(crate) fn check_word(text: &str, noun: &str) -> Result<(), String> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.is_empty() || text.len() > 60 || !text.chars().all(allowed) || text.starts_with('-') {
        return Err(format!(
            "`{text}` is no {noun}; allowed are lower-case letters, digits and dashes (up to 60)"
        ));
    }
    Ok(())
}
