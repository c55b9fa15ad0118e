//! Prints who leads under some loads of a session, as a table in Markdown: `leaders headlines.csv WORKLOAD...`

use std::process::ExitCode;

use report::headline;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((file, workloads)) = arguments.split_first().filter(|(_, workloads)| !workloads.is_empty())
    else {
        eprintln!("leaders: wanted are the headlines.csv of a session and names of workloads");
        return ExitCode::from(2);
    };
    match table(file, workloads) {
        Ok(table) => {
            print!("{table}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("leaders: {file}: {error}");
            ExitCode::from(2)
        }
    }
}

fn table(file: &str, workloads: &[String]) -> Result<String, Box<dyn std::error::Error>> {
    let headlines = headline::read(&std::fs::read(file)?)?;
    let workloads: Vec<&str> = workloads.iter().map(String::as_str).collect();
    Ok(headline::leaders(&headlines, &workloads))
}
