//! Which code is generated, in the words of nvcc, cmake and make.

use liftgate_cuda::gpu::Capability;

/// What is generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Architectures {
    /// Machine code, ascending: at least one.
    pub(crate) code: Vec<Capability>,
    /// PTX besides, which a driver compiles for GPUs that are newer still.
    pub(crate) ptx: Option<Capability>,
}

impl Architectures {
    /// `75`
    fn digits(capability: Capability) -> String {
        format!("{}{}", capability.major, capability.minor)
    }

    /// `sm_75, sm_86`
    pub(crate) fn names(&self) -> String {
        let names: Vec<String> = self.code.iter().map(|one| one.sm()).collect();
        names.join(", ")
    }

    /// The options of nvcc: `-arch=sm_75`, which is code and PTX of one, or a list.
    pub(crate) fn nvcc(&self) -> String {
        if let ([only], Some(ptx)) = (self.code.as_slice(), self.ptx)
            && *only == ptx
        {
            return format!("-arch={}", only.sm());
        }
        let code = self.code.iter().map(|one| {
            let digits = Self::digits(*one);
            format!("-gencode arch=compute_{digits},code=sm_{digits}")
        });
        let ptx = self.ptx.iter().map(|one| {
            let digits = Self::digits(*one);
            format!("-gencode arch=compute_{digits},code=compute_{digits}")
        });
        code.chain(ptx).collect::<Vec<_>>().join(" ")
    }

    /// The same in an instruction of a Dockerfile, several of them on lines of their own.
    pub(crate) fn nvcc_lines(&self) -> String {
        self.nvcc().replace(" -gencode", " \\\n         -gencode")
    }

    /// The value of `CMAKE_CUDA_ARCHITECTURES`: a number alone is code and PTX.
    pub(crate) fn cmake(&self) -> String {
        let words = self.code.iter().map(|one| {
            let digits = Self::digits(*one);
            if self.ptx == Some(*one) {
                digits
            } else {
                digits + "-real"
            }
        });
        words.collect::<Vec<_>>().join(";")
    }

    /// The value of `SMS`.
    pub(crate) fn sms(&self) -> String {
        let words = self.code.iter().map(|one| Self::digits(*one));
        words.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_words() {
        let turing = Capability::new(7, 5);
        let hopper = Capability::new(9, 0);
        let one = Architectures {
            code: vec![turing],
            ptx: Some(turing),
        };
        assert_eq!(one.nvcc(), "-arch=sm_75");
        assert_eq!(one.cmake(), "75");
        let bare = Architectures {
            code: vec![turing],
            ptx: None,
        };
        assert_eq!(bare.nvcc(), "-gencode arch=compute_75,code=sm_75");
        assert_eq!(bare.cmake(), "75-real");
        let two = Architectures {
            code: vec![turing, hopper],
            ptx: Some(hopper),
        };
        assert_eq!(
            two.nvcc(),
            "-gencode arch=compute_75,code=sm_75 -gencode arch=compute_90,code=sm_90 -gencode arch=compute_90,code=compute_90"
        );
        assert_eq!(
            (two.cmake().as_str(), two.sms().as_str()),
            ("75-real;90", "75 90")
        );
    }
}
