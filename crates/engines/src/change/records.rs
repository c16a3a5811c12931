//! The directory of records, which only its owner reads: a configuration may hold a registry's password. Two processes that change
//! engines' configuration at once wait for nobody: the second is refused.

use super::{ChangeError, Record, read};
use liftgate_sys::swap::{self, Swapped};
use liftgate_sys::{Errno, SysError, file};
use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

const LOCK: &str = "lock";
/// As often as the directory may be removed by somebody else before it is locked.
const MOST_TRIES: usize = 100;
const SUFFIX: &str = "json";
/// Records, and the directory with them, are their owner's alone.
const MODE: u32 = 0o600;
const DIRECTORY_MODE: u32 = 0o700;

/// The directory of records.
#[derive(Debug)]
pub struct Records {
    directory: PathBuf,
    /// Nobody else changes anything while it is open; `None`: nothing is to be changed.
    lock: Option<File>,
}

impl Records {
    /// Opens the directory for a change, and keeps others from it.
    pub fn open(directory: &Path) -> Result<Self, ChangeError> {
        let path = directory.join(LOCK);
        let mut tries = 0;
        let lock = loop {
            // Somebody may just have removed the directory, with the last record: before it is looked at, or before it is locked.
            let is_raced = |error: &SysError| error.is_not_found() || error.is(Errno::EXIST);
            match make(directory).and_then(|()| file::open_locked(&path, MODE)) {
                Err(error) if is_raced(&error) && tries < MOST_TRIES => tries += 1,
                lock => break lock?.ok_or(ChangeError::Busy(path))?,
            }
        };
        let records = Self {
            directory: directory.to_owned(),
            lock: Some(lock),
        };
        records.recover();
        Ok(records)
    }

    /// Removes what killed processes have left: new texts that did not take their file's place, old ones that had to give it up; and
    /// gives back what is somebody else's. It is in nobody's way, and what cannot be removed stays.
    fn recover(&self) {
        for path in self.paths().unwrap_or_default() {
            swap::clear(&path).ok();
            let text = read(&path).ok().flatten();
            let record = text.and_then(|text| parse(&path, &text).ok());
            for file in record.iter().flat_map(|record| &record.files) {
                let is_known = |bytes: Option<&[u8]>| match bytes.map(str::from_utf8) {
                    None => file.is_ours(None),
                    Some(Ok(text)) => file.is_ours(Some(text)),
                    Some(Err(_)) => false,
                };
                swap::recover(&file.path, is_known).ok();
            }
        }
    }

    /// Finishes what a killed process has begun, before anybody looks at the files. Whoever changes something right now, or may not,
    /// will be told when they open the records.
    pub fn recover_from_kill(directory: &Path) {
        if directory.is_dir() {
            Self::open(directory).ok();
        }
    }

    /// Opens the directory to look at it; it need not be there.
    pub fn look(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            lock: None,
        }
    }

    /// The record of a configuration.
    pub fn find(&self, engine: &str, configuration: &Path) -> Result<Option<Record>, ChangeError> {
        let path = self.place(engine, configuration);
        Ok(match read(&path)? {
            Some(text) => Some(parse(&path, &text)?),
            None => None,
        })
    }

    /// Every record, in the order of their names.
    pub fn all(&self) -> Result<Vec<Record>, ChangeError> {
        let mut records = Vec::new();
        for path in self.paths()? {
            if let Some(text) = read(&path)? {
                records.push(parse(&path, &text)?);
            }
        }
        Ok(records)
    }

    /// Where there are records, and where there were to be some, or have been, when a process was killed.
    fn paths(&self) -> Result<BTreeSet<PathBuf>, ChangeError> {
        let failed =
            |error| SysError::from_io(format!("readdir(`{}`)", self.directory.display()), &error);
        let entries = match std::fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(BTreeSet::new());
            }
            Err(error) => return Err(failed(error).into()),
        };
        let mut paths = BTreeSet::new();
        for entry in entries {
            let path = swap::named_for(&entry.map_err(failed)?.path());
            if path
                .extension()
                .is_some_and(|extension| extension == SUFFIX)
            {
                paths.insert(path);
            }
        }
        Ok(paths)
    }

    /// Keeps a record, in the place of the one before.
    pub fn keep(&self, record: &Record) -> Result<(), ChangeError> {
        let text =
            serde_json::to_string_pretty(record).map_err(|error| ChangeError::NotARecord {
                path: record.configuration.clone(),
                reason: error.to_string(),
            })?;
        self.put(record, Some(&text))
    }

    /// After a change that was taken back: what was remembered before it, and nothing that was made for it.
    pub fn restore(&self, record: &Record, before: Option<&Record>) -> Result<(), ChangeError> {
        if let Some(before) = before {
            return self.keep(before);
        }
        record.clean()?;
        self.forget(record)
    }

    /// Forgets a record.
    pub fn forget(&self, record: &Record) -> Result<(), ChangeError> {
        self.put(record, None)
    }

    fn put(&self, record: &Record, text: Option<&str>) -> Result<(), ChangeError> {
        let path = self.place(&record.engine, &record.configuration);
        let now = read(&path)?;
        let (now, text) = (now.as_deref().map(str::as_bytes), text.map(str::as_bytes));
        match swap::swap(&path, now, text, MODE) {
            Ok(Swapped::Done) => Ok(()),
            Ok(Swapped::Changed) => Err(ChangeError::WrittenMeanwhile(path)),
            Err(error) => {
                // It may be written, and only not known to last. Whoever calls goes by what was there.
                swap::swap(&path, text, now, MODE).map(drop).ok();
                Err(error.into())
            }
        }
    }

    /// Where the record of a configuration lies. Its path may be longer than a name: a number stands for it.
    fn place(&self, engine: &str, configuration: &Path) -> PathBuf {
        let bytes = configuration.as_os_str().as_encoded_bytes();
        // FNV-1a; whoever wants two paths to meet has to be root, and the record says which path it is for.
        let number = bytes
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |number, byte| {
                (number ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
            });
        self.directory
            .join(format!("{engine}-{number:016x}.{SUFFIX}"))
    }
}

fn make(directory: &Path) -> Result<(), SysError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(DIRECTORY_MODE);
    builder
        .create(directory)
        .map_err(|error| SysError::from_io(format!("mkdir(`{}`)", directory.display()), &error))
}

impl Drop for Records {
    /// The directory goes with the last record: where nothing is set up, nothing is left.
    fn drop(&mut self) {
        let is_empty = || self.paths().is_ok_and(|paths| paths.is_empty());
        if self.lock.is_some() && is_empty() {
            // We have the lock, and who comes next makes another. What else lies in the directory keeps it.
            std::fs::remove_file(self.directory.join(LOCK)).ok();
            std::fs::remove_dir(&self.directory).ok();
        }
    }
}

fn parse(path: &Path, text: &str) -> Result<Record, ChangeError> {
    serde_json::from_str(text).map_err(|error| ChangeError::NotARecord {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}
