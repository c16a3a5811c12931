//! Positions in a joined text, as positions in its source.

use super::syntax::{Script, ShellWord};
use crate::joined::Joined;

impl Script {
    /// Takes all positions from a joined text to its source.
    pub(super) fn place(&mut self, joined: &Joined) {
        self.opaque = self.opaque.map(|span| joined.source(span));
        for command in &mut self.commands {
            command.span = joined.source(command.span);
            for assignment in &mut command.assignments {
                assignment.span = joined.source(assignment.span);
                place_word(&mut assignment.value, joined);
            }
            for word in &mut command.words {
                place_word(word, joined);
            }
            for redirection in &mut command.redirections {
                redirection.span = joined.source(redirection.span);
                place_word(&mut redirection.target, joined);
                redirection.body = redirection.body.map(|body| joined.source(body));
            }
            if let Some(script) = &mut command.script {
                script.place(joined);
            }
        }
    }
}

fn place_word(word: &mut ShellWord, joined: &Joined) {
    word.span = joined.source(word.span);
}
