//! Capabilities: those that a job names, if the process has them, and no other.
//!
//! Root without any still owns most of an image's files. `CAP_DAC_OVERRIDE` is for directories that belong to
//! another user of the image, or that not even their owner may write to.

use super::Job;
use crate::error::{Errno, SysError};
use rustix::thread::{CapabilitySet, CapabilitySets};

/// Numbers that the kernel may have one day. It refuses the first that it does not know.
const HIGHEST: u32 = 63;

pub(super) fn drop_all_but(job: Job) -> Result<(), SysError> {
    let wanted = match job {
        Job::Files => CapabilitySet::DAC_OVERRIDE,
        Job::Modes => CapabilitySet::DAC_OVERRIDE.union(CapabilitySet::FOWNER),
    };
    // What is in the bounding set no program of root's gets by being started. It takes CAP_SETPCAP to say so.
    let bounded = bound();
    rustix::thread::clear_ambient_capability_set().ok();
    let kept = rustix::thread::capabilities(None)
        .map_err(|errno| SysError::new("capget", errno))?
        .permitted
        .intersection(wanted);
    rustix::thread::set_capabilities(
        None,
        CapabilitySets {
            effective: kept,
            permitted: kept,
            inheritable: CapabilitySet::empty(),
        },
    )
    .map_err(|errno| SysError::new("capset", errno))?;
    bounded
}

fn bound() -> Result<(), SysError> {
    for number in 0..=HIGHEST {
        let one = CapabilitySet::from_bits_retain(1 << number);
        match rustix::thread::remove_capability_from_bounding_set(one) {
            Ok(()) => {}
            Err(Errno::INVAL) => break,
            Err(errno) => {
                return Err(SysError::new(
                    format!("prctl(PR_CAPBSET_DROP, {number})"),
                    errno,
                ));
            }
        }
    }
    Ok(())
}
