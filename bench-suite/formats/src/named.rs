//! Enums whose variants have names, written from one table: no list of them can leave one out.

/// Writes an enum, `ALL` (its variants in order), `name` and `by_name`.
///
/// ```text
/// named! {
///     /// A fruit.
///     #[derive(Debug, Clone, Copy, PartialEq, Eq)]
///     pub enum Fruit {
///         /// Grows on trees.
///         Apple = "apple",
///     }
/// }
/// ```
macro_rules! named {
    (
        $(#[$meta:meta])*
        $vis:vis enum $Enum:ident {
            $($(#[$variant_meta:meta])* $Variant:ident = $name:literal,)*
        }
    ) => {
        $(#[$meta])*
        $vis enum $Enum {
            $($(#[$variant_meta])* $Variant,)*
        }

        impl $Enum {
            /// Every one, in order.
            $vis const ALL: [Self; [$($name),*].len()] = [$(Self::$Variant),*];

            /// Its name as people read and type it.
            #[must_use]
            $vis const fn name(self) -> &'static str {
                match self {
                    $(Self::$Variant => $name,)*
                }
            }

            /// The one of this name.
            #[must_use]
            $vis fn by_name(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|one| one.name() == name)
            }
        }
    };
}

pub(crate) use named;

#[cfg(test)]
mod tests {
    named! {
        /// A fruit.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Fruit {
            /// Grows on trees.
            Apple = "apple",
            /// Grows on vines.
            KiwiFruit = "kiwi fruit",
        }
    }

    #[test]
    fn every_variant_is_found_by_its_name() {
        assert_eq!(Fruit::ALL, [Fruit::Apple, Fruit::KiwiFruit]);
        assert_eq!(Fruit::ALL.map(|one| Fruit::by_name(one.name())), Fruit::ALL.map(Some));
        assert_eq!(Fruit::by_name("kiwi"), None);
    }
}
