//! `calls`: how often keys are hashed and compared. Runs beside the passes that count blocks.

use formats::observation::Calls;
use formats::tape::{Header, Kind};

pub(super) const ARGUMENTS: &[&str] = &[];

/// The phases must be the tape's, and hold all operations that name a key.
pub(super) fn check(reading: &Calls, tape: &Header) -> Result<(), String> {
    super::equal("phases", reading.phases.len(), tape.phases.len())?;
    for (seen, mark) in reading.phases.iter().zip(&tape.phases) {
        let ops: u64 = mark.ops.iter().sum();
        if (&seen.phase, seen.ops) != (&mark.name, ops) {
            let (phase, got) = (&seen.phase, seen.ops);
            return Err(format!("phase {phase} with {got} operations, must be {} with {ops}", mark.name));
        }
    }
    let named = Kind::ALL.into_iter().zip(tape.executed.kinds).filter(|(kind, _)| kind.names_key());
    let seen = reading.phases.iter().map(|phase| phase.key_ops).fold(0, u64::saturating_add);
    super::equal("operations that name a key", seen, named.map(|(_, count)| count).sum())
}

#[cfg(test)]
mod tests {
    use formats::observation::PhaseCalls;

    use super::super::tests::tape;
    use super::*;

    #[test]
    fn every_operation_that_names_a_key_must_be_there() {
        let phase = |name: &str, ops| PhaseCalls {
            phase: name.into(),
            ops,
            key_ops: ops,
            hashes: ops,
            comparisons: ops,
        };
        let whole = Calls { phases: vec![phase("fill", 4), phase("churn", 6)] };
        assert_eq!(check(&whole, &tape()), Ok(()));
        let mut lost = whole.clone();
        lost.phases[1].key_ops = 5;
        assert_eq!(check(&lost, &tape()), Err("9 operations that name a key, must be 10".into()));
        lost.phases[1].ops = 5;
        let problem = "phase churn with 5 operations, must be churn with 6";
        assert_eq!(check(&lost, &tape()), Err(problem.into()));
        assert!(check(&Calls { phases: vec![] }, &tape()).is_err());
    }
}
