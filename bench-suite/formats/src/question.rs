//! What a workload asks of the maps that play it, as it is typed; the report answers from the figures of a session.

use serde::{Deserialize, Serialize};

use crate::named::named;
use crate::schema::one_of_names;

named! {
    /// A question that figures of a session answer, each by one rule; see the module `asked` of the report.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(into = "String", try_from = "String")]
    pub enum Question {
        /// What does an operation cost?
        Cost = "cost",
        /// Are the slots of the deleted found again?
        Reuse = "reuse",
        /// How much of the table do dead slots take?
        Dead = "dead",
        /// Does a map grow although no more entries live?
        Growth = "growth",
        /// Is the memory given back when the entries are gone?
        GivenBack = "given_back",
        /// Does an operation cost in the end what it did at first?
        Drift = "drift",
        /// What does a call take that goes over all entries: a walk, a clear, a retain, a shrink?
        Walk = "walk",
        /// How long are the slowest operations?
        Tail = "tail",
        /// How long does a request wait, by the schedule?
        Response = "response",
        /// Do threads wait for each other?
        Contention = "contention",
        /// Does a look-up that finds nothing look farther than one that finds its key?
        Misses = "misses",
        /// How often are keys compared?
        Comparisons = "comparisons",
        /// How many bytes does an entry take?
        Bytes = "bytes",
        /// How many blocks does a map ask the allocator for?
        Allocations = "allocations",
        /// Which of the free slots does an insert take?
        Choices = "choices",
        /// What does a garbage collector do meanwhile?
        Collections = "collections",
        /// How does the cost change along a sweep?
        Sweep = "sweep",
        /// What does it change that a map is made otherwise?
        Variants = "variants",
        /// How many look-ups in a bounded cache find their entry?
        Hits = "hits",
    }
}

one_of_names!(Question, "Question");

impl From<Question> for String {
    fn from(question: Question) -> Self {
        question.name().to_owned()
    }
}

impl TryFrom<String> for Question {
    type Error = String;

    /// The question of this name, or which there are.
    fn try_from(name: String) -> Result<Self, String> {
        let allowed = || Self::ALL.map(Self::name).join(", ");
        Self::by_name(&name).ok_or_else(|| format!("`{name}` is no question; allowed are {}", allowed()))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::workload::Workload;

    #[test]
    fn a_question_that_nobody_answers_is_told_with_those_that_somebody_does() {
        let parse = |asks: &str| {
            let text = format!(
                "name = \"a\"\nwhy = \"b\"\nasks = {asks}\nlive = 10\nops = 100\nmix = {{ get = 100 }}\n"
            );
            Workload::parse(&text, Path::new("a.toml")).map(|workload| workload.asks)
        };
        assert_eq!(parse("[\"reuse\", \"given_back\"]").unwrap(), [Question::Reuse, Question::GivenBack]);
        let said = |asks| parse(asks).unwrap_err().to_string();
        let unknown = said("[\"reuse\", \"speed\"]");
        assert!(
            unknown.starts_with("a.toml:3: asks: `speed` is no question; allowed are cost, reuse"),
            "{unknown}"
        );
        assert!(said("[\"dead\", \"dead\"]").ends_with("`dead` stands here twice"));
    }

    #[test]
    fn names_are_what_is_written_and_read() {
        for question in Question::ALL {
            assert_eq!(Question::try_from(String::from(question)), Ok(question));
        }
    }
}
