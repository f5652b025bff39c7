"""A tenth list of formulas that were written down before any of them was compiled, of many fields, in the form in which a book prints them."""

from __future__ import annotations

from shorthand import H2, Phi, R, S, phi
from sympy import (
    Max,
    Piecewise,
    acos,
    asin,
    atan,
    cos,
    cosh,
    digamma,
    erfc,
    exp,
    log,
    loggamma,
    pi,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)
from textbook import x

_k = sqrt(R(7, 5)**2 - R(3, 5)**2)
_a = sqrt(1 + 4 * R(17, 100) * x)
_th = R(6, 5) * pi * x
_ch = sqrt((sqrt(1 + 16 * R(1, 5) * R(4, 5) * x**2) - 1) / (8 * R(1, 5) * R(4, 5) * x**2))
_nb = (1 - x**10) / (10 * (1 - x))
_v = log(1 + exp(x))
_dew = log(x) + R(17625, 1000) * 20 / (R(24304, 100) + 20)
_r = sqrt((1 - x) / (1 + x))

TENTH = {
    # --- radiative transfer, crystallography, scattering
    "escape probability of a uniform sphere": (
        3 / (4 * x) * (1 - 1 / (2 * x**2) + (1 / x + 1 / (2 * x**2)) * exp(-2 * x)), 1e-6, 1e6),
    "two-stream reflectance of an absorbing layer": (
        R(3, 5) * sinh(_k * x) / (_k * cosh(_k * x) + R(7, 5) * sinh(_k * x)), 1e-12, 1e4),
    "parabolic weight of short characteristics": ((x**2 - 2 * (x - (1 - exp(-x)))) / x**2, 1e-8, 1e6),
    "rozenberg air mass": (1 / (cos(x) + R(1, 40) * exp(-11 * cos(x))), 0.0, 1.5707963),
    "lorentz-polarisation factor": ((1 + cos(2 * x)**2) / (sin(x)**2 * cos(x)), 1e-6, 1.5707),
    "paracrystalline lattice factor": (
        (1 - exp(-x**2 / 25)) / (1 - 2 * exp(-x**2 / 50) * cos(x) + exp(-x**2 / 25)), 1e-6, 1e3),
    "volume of a rhombohedral cell in its angle": (sqrt(1 - 3 * cos(x)**2 + 2 * cos(x)**3), 1e-6, 2.0943951),
    "schulz-zimm polydisperse coil scattering": (2 * ((1 + x / 2)**(-2) + x - 1) / (R(3, 2) * x**2), 1e-8, 1e8),
    "squared gyration radius of a worm-like chain": (x / 3 - 1 + 2 / x - 2 / x**2 * (1 - exp(-x)), 1e-6, 1e6),
    # --- epidemiology, actuarial science, pharmacology
    "epidemic growth rate of the seir model in R0": (
        (-(R(1, 3) + R(1, 5)) + sqrt((R(1, 3) - R(1, 5))**2 + 4 * x / 15)) / 2, 0.0, 1e6),
    "prevalence from pools of ten": (1 - (1 - x)**R(1, 10), 0.0, 1.0),
    "bombay plague removal rate": (890 / cosh(x / 5 - R(17, 5))**2, 0.0, 1e4),
    "sinking fund payment over 25 years": (x / ((1 + x)**25 - 1), 1e-12, 10.0),
    "decreasing annuity over 15 years": ((15 - (1 - (1 + x)**(-15)) / x) / x, 1e-12, 10.0),
    "exponential principle premium of gamma losses": (-3 / x * log(1 - 2 * x), 1e-12, 0.4999999),
    "yearly death probability under makeham": (
        1 - exp(-R(7, 10**4) - R(5, 10**5) * R(11, 10)**x * (R(11, 10) - 1) / log(R(11, 10))), 0.0, 1e3),
    "slow hybrid constant of two compartments in k12": (
        ((x + R(1, 2) + R(1, 10)) - sqrt((x + R(1, 2) + R(1, 10))**2 - 4 * R(1, 2) * R(1, 10))) / 2, 0.0, 1e6),
    "time of peak concentration in absorption rate": (log(x / R(1, 5)) / (x - R(1, 5)), 1e-12, 1e4),
    "operational model of agonism": (8 * x**R(3, 2) / ((x + 3)**R(3, 2) + 8 * x**R(3, 2)), 0.0, 1e6),
    "hepatic extraction by the dispersion model": (
        1 - 4 * _a / ((1 + _a)**2 * exp((_a - 1) / (2 * R(17, 100))) - (1 - _a)**2 * exp(-(_a + 1) / (2 * R(17, 100)))),
        1e-8, 1e6),
    "log distribution coefficient of an acid in pH": (R(7, 2) - log(1 + 10**(x - R(21, 5))) / log(10), -1e3, 1e3),
    # --- hydrology, meteorology
    "budyko curve": (sqrt(x * tanh(1 / x) * (1 - exp(-x))), 1e-8, 1e6),
    "ogata-banks concentration in distance": ((erfc((x - 10) / 2) + exp(10 * x) * erfc((x + 10) / 2)) / 2, 0.0, 1e3),
    "slope of tetens vapour pressure": (
        4098 * R(6108, 10**4) * exp(R(1727, 100) * x / (x + R(2373, 10))) / (x + R(2373, 10))**2, -200.0, 1e3),
    "drawdown of an unconfined well in pumping": (20 - sqrt(400 - x), 0.0, 399.999999),
    "nash cascade of three reservoirs": (x**2 * exp(-x / 2) / 16, 0.0, 1e4),
    "parlange infiltration time": ((x - log((exp(R(4, 5) * x) + R(4, 5) - 1) / R(4, 5))) / (1 - R(4, 5)), 1e-8, 1e4),
    "curve number runoff": (Max(x - 10, 0)**2 / (x + 40), 0.0, 1e6),
    "dew point depression at 20 C in humidity": (
        20 - R(24304, 100) * _dew / (R(17625, 1000) - _dew), 1e-6, 1.0),
    "bolton condensation temperature in humidity": (1 / (1 / (R(2981, 10) - 55) - log(x) / 2840) + 55, 1e-8, 1.0),
    "wind chill at -10 C": (
        R(1312, 100) - R(6215, 1000) - R(1137, 100) * x**R(4, 25) - R(3965, 1000) * x**R(4, 25), 0.0, 1e3),
    "gaussian plume with ground reflection": (
        (exp(-(x - 50)**2 / 800) + exp(-(x + 50)**2 / 800)) / (20 * sqrt(2 * pi)), 0.0, 700.0),
    # --- thin films, lasers, paint, microscopes
    "reflectance of an antireflection coating in phase": (
        (R(1, 100) + R(1, 100) + 2 * R(1, 100) * cos(2 * x)) / (1 + R(1, 10**4) + 2 * R(1, 100) * cos(2 * x)), -100.0, 100.0),
    "transmittance of a quarter-wave stack in pairs": (
        1 - ((1 - R(3, 5)**(2 * x)) / (1 + R(3, 5)**(2 * x)))**2, 0.0, 500.0),
    "kubelka-munk reflectance": (1 + x - sqrt(x**2 + 2 * x), 0.0, 1e8),
    "axial resolution in numerical aperture": (1 / (4 * (R(3, 2) - sqrt(R(9, 4) - x**2))), 1e-8, 1.5),
    "marcuse mode field radius": (R(65, 100) + R(1619, 1000) * x**R(-3, 2) + R(2879, 1000) / x**6, 0.5, 1e3),
    # --- control, queues
    "phase margin of a second-order loop in damping": (atan(2 * x / sqrt(sqrt(1 + 4 * x**4) - 2 * x**2)), 0.0, 1e3),
    "resonant peak in damping": (1 / (2 * x * sqrt(1 - x**2)), 1e-8, 0.70710678),
    "steady state kalman gain of a local level": ((-x + sqrt(x**2 + 4 * x)) / 2, 0.0, 1e8),
    "describing function of a dead zone": (1 - 2 / pi * (asin(1 / x) + 1 / x * sqrt(1 - 1 / x**2)), 1.000001, 1e6),
    "gain of a lead network in dB": (10 * log((1 + x**2) / (1 + x**2 / 100)) / log(10), 1e-8, 1e6),
    "busy period transform of M/M/1": (
        (R(3, 5) + 1 + x - sqrt((R(3, 5) + 1 + x)**2 - 4 * R(3, 5))) / (2 * R(3, 5)), 0.0, 1e8),
    "halfin-whitt delay probability": (1 / (1 + x * Phi(x) / phi(x)), 1e-8, 37.0),
    "overpotential of limited diffusion": (R(257, 10) * log(1 - x / 5), 0.0, 4.999999),
    # --- population genetics, ecology
    "kimura protein distance": (-log(1 - x - x**2 / 5), 0.0, 0.8541),
    "inbreeding after 50 generations in size": (1 - (1 - 1 / (2 * x))**50, 0.5, 1e8),
    "time of genic selection from frequency 1/100": (50 * (log(x / (1 - x)) + log(99)), 1e-12, 0.999999),
    "moran fixation probability": ((1 - 1 / x) / (1 - x**(-100)), 0.01, 1e3),
    "expected alleles of a sample of ten over theta": (digamma(x + 10) - digamma(x), 1e-6, 1e8),
    "probability of a monomorphic sample of ten": (loggamma(x + 1) + loggamma(10) - loggamma(x + 10), 0.0, 1e8),
    "rarefaction of 50 draws": (1 - (1 - x)**50, 0.0, 1.0),
    "hill number in order": ((R(1, 2)**x + R(3, 10)**x + R(1, 5)**x)**(1 / (1 - x)), 0.0, 50.0),
    "baranov catch": (x / (x + R(1, 5)) * (1 - exp(-x - R(1, 5))), 0.0, 1e4),
    "von bertalanffy length": (60 * (1 - exp(-R(3, 10) * (x + R(1, 2)))), -0.5, 1e3),
    # --- psychometrics
    "partial credit middle category": (
        exp(x + R(1, 2)) / (1 + exp(x + R(1, 2)) + exp(2 * x + R(1, 2) - R(4, 5))), -1e4, 1e4),
    "hyperbolic cosine unfolding": (exp(R(6, 5)) / (exp(R(6, 5)) + 2 * cosh(x - R(1, 3))), -1e4, 1e4),
    "mean decision time of drift diffusion": (
        R(3, 2) / (2 * x) * (1 - exp(-R(3, 2) * x)) / (1 + exp(-R(3, 2) * x)), 1e-10, 1e4),
    "decision time variance of ez-diffusion": (
        1 / (2 * x**3) * (-2 * x * exp(-x) - exp(-2 * x) + 1) / (exp(-x) + 1)**2, 1e-5, 1e4),
    "naka-rushton response": (x**R(9, 5) / (x**R(9, 5) + 30), 0.0, 1e6),
    # --- robotics, geodesy, acoustics
    "inverse left jacobian coefficient": (1 / x**2 - (1 + cos(x)) / (2 * x * sin(x)), 1e-6, 6.283),
    "third coefficient of barfoot's Q": ((2 * x - 3 * sin(x) + x * cos(x)) / (2 * x**5), 1e-3, 1e3),
    "elbow angle of a two-link arm": (acos((x**2 - 1 - R(16, 25)) / (2 * R(4, 5))), 0.2000001, 1.7999999),
    "ackermann steering difference": (x - atan(1 / (1 / tan(x) + R(3, 5))), 1e-8, 1.5707),
    "third flattening in eccentricity": ((1 - sqrt(1 - x**2)) / (1 + sqrt(1 - x**2)), 0.0, 1.0),
    "attraction on the axis of a cylinder in radius": (5 + x - sqrt(25 + x**2), 1e-8, 1e8),
    "decrease of gravity with height": (R(98, 10) * (1 - 1 / (1 + x / 6371)**2), 0.0, 1e6),
    "slope correction of a taped distance": (x - sqrt(x**2 - 9), 3.0, 1e8),
    "kurze-anderson barrier attenuation": (5 + 20 * log(sqrt(2 * pi * x) / tanh(sqrt(2 * pi * x))) / log(10), 1e-10, 1e4),
    "throat resistance of an exponential horn": (sqrt(1 - (100 / x)**2), 100.0, 1e6),
    # --- nuclear and plasma physics
    "mean lethargy gain per collision": (1 + (x - 1)**2 / (2 * x) * log((x - 1) / (x + 1)), 1.000001, 1e6),
    "watt fission spectrum": (R(4527, 10**4) * exp(-x / R(965, 1000)) * sinh(sqrt(R(229, 100) * x)), 0.0, 600.0),
    "semi-empirical binding energy at N = Z": (
        R(158, 10) * x - R(183, 10) * x**R(2, 3) - R(714, 1000) * (x / 2) * (x / 2 - 1) / x**R(1, 3), 1.0, 1e4),
    "slow mode of two cold beams": (x**2 + 1 - sqrt(4 * x**2 + 1), 1e-8, 1e6),
    "slow magnetosonic speed squared": ((1 + x**2 - sqrt((1 + x**2)**2 - 4 * R(3, 10) * x**2)) / 2, 0.0, 1e6),
    "limiting current of a relativistic beam": ((x**R(2, 3) - 1)**R(3, 2) / (1 + 2 * log(3)), 1.0, 1e6),
    # --- polymers, rheology, fracture
    "FENE spring energy": (-R(1, 2) * 30 * R(9, 4) * log(1 - (x / R(3, 2))**2), 0.0, 1.4999999),
    "characteristic ratio of a freely rotating chain of 50": (
        (1 + x) / (1 - x) - 2 * x / 50 * (1 - x**50) / (1 - x)**2, -1.0, 0.999999),
    "buckingham-reiner flow of a bingham fluid": (1 - 4 * x / 3 + x**4 / 3, 0.0, 1.0),
    "second normal stress of a giesekus fluid": ((1 - _ch) / (1 + (1 - 2 * R(1, 5)) * _ch), 1e-8, 1e4),
    "dugdale crack tip opening": (8 / pi * log(1 / cos(pi * x / 2)), 0.0, 0.999999),
    "paris crack growth life in exponent": ((4**(1 - x / 2) - 1) / (1 - x / 2), 0.0, 100.0),
    # --- econometrics
    "nickell bias of ten periods": (
        -(1 + x) / 9 * (1 - _nb) / (1 - 2 * x / ((1 - x) * 9) * (1 - _nb)), -1.0, 0.9999),
    "quadratic spectral kernel": (25 / (12 * pi**2 * x**2) * (sin(_th) / _th - cos(_th)), 1e-8, 1e4),
    "parzen lag window": (Piecewise((1 - 6 * x**2 + 6 * x**3, x <= R(1, 2)), (2 * (1 - x)**3, True)), 0.0, 1.0),
    "generalised entropy index of two incomes in aversion": (
        ((R(1, 2)**x + R(3, 2)**x) / 2 - 1) / (x * (x - 1)), -50.0, 50.0),
    # --- option pricing
    "cox-ross-rubinstein probability in time step": (
        (exp(x / 20) - exp(-sqrt(x) / 5)) / (exp(sqrt(x) / 5) - exp(-sqrt(x) / 5)), 1e-12, 1e3),
    "leisen-reimer inversion of 25 steps": (
        R(1, 2) + sqrt(R(1, 4) - exp(-(x / (25 + R(1, 3) + R(1, 260)))**2 * (25 + R(1, 6))) / 4), 1e-8, 1e3),
    "turnbull-wakeman variance of an average in maturity": (
        log((2 * exp(R(7, 50) * x) / (R(9, 100) * R(7, 50) * x**2)
             + 2 / (x**2 / 20) * (1 / R(7, 50) - exp(x / 20) / R(9, 100)))
            / ((exp(x / 20) - 1) / (x / 20))**2) / x, 1e-5, 1e3),
    # --- astronomy, relativity
    "phase function of a lambert sphere": ((sin(x) + (pi - x) * cos(x)) / pi, 0.0, 3.14159),
    "mass of the modified hubble profile": (log(x + sqrt(1 + x**2)) - x / sqrt(1 + x**2), 1e-8, 1e8),
    "doppler factor of an on-axis jet in lorentz factor": (1 / (x * (1 - sqrt(1 - 1 / x**2))), 1.0, 1e6),
    "rapidity of a pion in momentum": (log((sqrt(x**2 + R(39, 2000)) + x) / (sqrt(x**2 + R(39, 2000)) - x)) / 2, 0.0, 1e6),
    "peters enhancement in eccentricity": ((1 + R(73, 24) * x**2 + R(37, 96) * x**4) / (1 - x**2)**R(7, 2), 0.0, 0.999999),
    "photon escape cone of a black hole": (asin(3 * sqrt(3) / x * sqrt(1 - 2 / x)), 3.000001, 1e6),
    # --- machine learning, information theory
    "bi-tempered exponential of -2 in temperature": ((1 + 2 * (x - 1))**(-1 / (x - 1)), 0.5000001, 1e3),
    "generalised cross entropy of a logit": ((1 - S(x)**R(7, 10)) / R(7, 10), -1e4, 1e4),
    "ranked probability score of a normal": (x * (2 * Phi(x) - 1) + 2 * phi(x) - 1 / sqrt(pi), -1e4, 1e4),
    "normal loss with softplus variance": ((log(_v) + 9 / _v) / 2, -100.0, 1e4),
    "golu": (x * exp(-exp(-x)), -600.0, 1e4),
    "renyi privacy of a subsampled gaussian, order 2": (log(1 + R(1, 100)**2 * (exp(1 / x**2) - 1)), 0.04, 1e6),
    "ten brink mutual information function": (
        (1 - 2**(-R(3073, 10**4) * x**R(1787, 1000)))**R(11064, 10**4), 1e-6, 1e3),
    "capacity at fixed power in bandwidth": (x * log(1 + 5 / x) / log(2), 1e-6, 1e12),
    "rate distortion of a bernoulli 2/5 source in bits": ((H2(R(2, 5)) - H2(x)) / log(2), 1e-12, 0.4),
    # --- extremes, copulas, reliability, semiconductors
    "gev log density at 2 in shape": (-(1 + 1 / x) * log(1 + 2 * x) - (1 + 2 * x)**(-1 / x), -0.4999, 50.0),
    "tail dependence of the student copula, 2 degrees": (1 - 2 / pi * (_r / (1 + _r**2) + atan(_r)), -0.999999, 1.0),
    "survival clayton copula on the diagonal": (2 * x - 1 + (2 * (1 - x)**(-2) - 1)**R(-1, 2), 1e-8, 0.999999),
    "standby pair survival in the second rate": ((x * exp(-2) - 2 * exp(-x)) / (x - 2), 0.0, 1e4),
    "kingston-neustadter surface field": (
        sqrt((exp(-x) + x - 1) + R(1, 10**10) * (exp(x) - x - 1)), 1e-8, 600.0),
    "EKV drain current": (log(1 + exp(x / 2))**2 - log(1 + exp((x - 20) / 2))**2, -600.0, 1e4),
}
