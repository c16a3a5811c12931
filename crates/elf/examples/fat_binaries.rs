//! Lists the CUDA code in files, and what they link to.

#![expect(clippy::print_stdout, reason = "an example")]

use std::fs::File;
use std::io::{self, Read as _};

fn main() -> io::Result<()> {
    for path in std::env::args_os().skip(1) {
        let mut file = File::open(&path)?;
        let mut stream = liftgate_elf::stream::Stream::new(file.metadata()?.len());
        let mut buffer = vec![0; 1 << 17];
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                size => stream.feed(&buffer[..size]),
            }
        }
        println!("{}", path.display());
        match stream.finish() {
            Err(error) => println!("  {error}"),
            Ok(facts) => {
                let code = facts.code;
                for (place, counts) in [("sections", code.sections), ("elsewhere", code.elsewhere)]
                {
                    let counts = counts.iter().map(|(code, count)| format!("{code}={count}"));
                    println!("  {place}: {}", counts.collect::<Vec<_>>().join(" "));
                }
                println!("  {:?}", facts.linking);
            }
        }
    }
    Ok(())
}
