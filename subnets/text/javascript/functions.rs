
/// The functions of numbers that `core` lacks, by `libm`, which computes them in the same way everywhere.
pub trait Functions {
    fn ceil(self) -> f64;
    fn sqrt(self) -> f64;
    fn cbrt(self) -> f64;
    fn hypot(self, other: f64) -> f64;
    fn powf(self, power: f64) -> f64;
    fn exp(self) -> f64;
    fn exp_m1(self) -> f64;
    fn ln(self) -> f64;
    fn ln_1p(self) -> f64;
    fn log2(self) -> f64;
    fn log10(self) -> f64;
    fn sin(self) -> f64;
    fn cos(self) -> f64;
    fn tan(self) -> f64;
    fn asin(self) -> f64;
    fn acos(self) -> f64;
    fn atan(self) -> f64;
    fn atan2(self, other: f64) -> f64;
    fn sinh(self) -> f64;
    fn cosh(self) -> f64;
    fn tanh(self) -> f64;
    fn asinh(self) -> f64;
    fn acosh(self) -> f64;
    fn atanh(self) -> f64;
}

impl Functions for f64 {
    fn ceil(self) -> f64 { libm::ceil(self) }
    fn sqrt(self) -> f64 { libm::sqrt(self) }
    fn cbrt(self) -> f64 { libm::cbrt(self) }
    fn hypot(self, other: f64) -> f64 { libm::hypot(self, other) }
    fn powf(self, power: f64) -> f64 { libm::pow(self, power) }
    fn exp(self) -> f64 { libm::exp(self) }
    fn exp_m1(self) -> f64 { libm::expm1(self) }
    fn ln(self) -> f64 { libm::log(self) }
    fn ln_1p(self) -> f64 { libm::log1p(self) }
    fn log2(self) -> f64 { libm::log2(self) }
    fn log10(self) -> f64 { libm::log10(self) }
    fn sin(self) -> f64 { libm::sin(self) }
    fn cos(self) -> f64 { libm::cos(self) }
    fn tan(self) -> f64 { libm::tan(self) }
    fn asin(self) -> f64 { libm::asin(self) }
    fn acos(self) -> f64 { libm::acos(self) }
    fn atan(self) -> f64 { libm::atan(self) }
    fn atan2(self, other: f64) -> f64 { libm::atan2(self, other) }
    fn sinh(self) -> f64 { libm::sinh(self) }
    fn cosh(self) -> f64 { libm::cosh(self) }
    fn tanh(self) -> f64 { libm::tanh(self) }
    fn asinh(self) -> f64 { libm::asinh(self) }
    fn acosh(self) -> f64 { libm::acosh(self) }
    fn atanh(self) -> f64 { libm::atanh(self) }
}
