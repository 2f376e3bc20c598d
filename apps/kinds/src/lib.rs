//! Miners and validators of each kind of subnet behind one type, [`Opened`], and the tests of their promises.
//!
//! The runners of `myelin_subnet` are generic. The compiler makes them anew in each crate that names them with a type
//! of subnet, which takes it minutes. Functions here are not generic, so everybody who calls them shares what was
//! compiled with this crate.

mod opened;

pub use opened::{Audited, Opened, Redraw};

/// Functions of a kind whose type of subnet is `$subnet`.
macro_rules! kind {
    ($kind:ident, $subnet:ty) => {
        #[doc = concat!("The kind `", stringify!($kind), "`.")]
        pub mod $kind {
            use myelin_subnet::{
                testkit::{opinions, test_subnet, together, Finding, Opinions, Together},
                SubnetError,
            };
            use myelin_wire::seed::Seed;

            use crate::Opened;

            /// Wraps a subnet of this kind.
            pub fn opened(subnet: $subnet) -> Opened {
                Opened::new(subnet)
            }

            /// Tests the promises of the kind, and reports each one as soon as it is decided.
            ///
            /// # Errors
            /// If its subnet or its miners cannot be set up.
            pub fn test(seed: &Seed, tell: &mut dyn FnMut(&Finding)) -> Result<Vec<Finding>, SubnetError> {
                test_subnet::<$subnet>(seed, tell)
            }

            /// Measures combined answers of several miners beside those of the best of them alone.
            ///
            /// # Errors
            /// If its subnet or its miners cannot be set up.
            pub fn combined(seed: &Seed) -> Result<Vec<Together>, SubnetError> {
                together::<$subnet>(seed)
            }

            /// Measures how far opinions of honest validators differ, and what one that frames a miner takes from it.
            ///
            /// # Errors
            /// If its subnet cannot be set up.
            pub fn differing(seed: &Seed) -> Result<Vec<Opinions>, SubnetError> {
                opinions::<$subnet>(seed)
            }
        }
    };
}

kind!(text, myelin_text::TextSubnet);
#[cfg(feature = "analysis")]
kind!(analysis, myelin_analysis::AnalysisSubnet);
#[cfg(feature = "finance")]
kind!(finance, myelin_finance::FinanceSubnet);
#[cfg(feature = "imaging")]
kind!(imaging, myelin_imaging::ImagingSubnet);
#[cfg(feature = "recognition")]
kind!(recognition, myelin_recognition::RecognitionSubnet);
#[cfg(feature = "scraping")]
kind!(scraping, myelin_scraping::ScrapingSubnet);
#[cfg(feature = "translation")]
kind!(translation, myelin_translation::TranslationSubnet);
