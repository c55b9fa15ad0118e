//! Figures as CSV: a heading line, then a line for each row. Units stand in the names of the columns.

/// The bytes of such a file.
pub(crate) fn csv_file<const N: usize>(
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail, and every row has as many cells as the heading.
    let _ = out.write_record(head);
    for row in rows {
        let _ = out.write_record(row);
    }
    out.into_inner().unwrap_or_default()
}
